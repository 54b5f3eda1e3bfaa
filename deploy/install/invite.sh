# The invite: it comes by standard input, so that it stands in no command's arguments, which everybody on the machine can read.

read_invite() {
  [ ! -t 0 ] || printf 'Paste the invite, which begins with sealcast1: ' >&2
  IFS= read -r invite || true
  invite=$(printf %s "$invite" | tr -d ' \t\r')
  case $invite in
    sealcast1:*) check_pin ;;
    '') has_joined || fail "there is no invite: paste the whole line that the master's page shows" ;;
    *) fail "this is not an invite: paste the whole line that the master's page shows" ;;
  esac
}

# PROTOCOL.md, The invite: in its CBOR stands `install` with the SHA-256 of this very program.
check_pin() {
  body=$(printf %s "${invite#sealcast1:}" | tr -- '-_' '+/')
  while [ $((${#body} % 4)) != 0 ]; do body=$body=; done
  own=$(sha256sum <"$0" | cut -c1-64)
  printf %s "$body" | base64 -d 2>/dev/null | od -An -v -tx1 | tr -d ' \n' | grep -q "67696e7374616c6c5820$own" ||
    fail 'the invite does not pin this program, so one of them is not from your master: take a new line from its page'
}

has_joined() { [ -f "$state/master.json" ]; }

# A node that has joined needs no invite, and one of the same master would stay open.
keep_invite() {
  if has_joined && [ -f "$settings/invite" ]; then
    [ -z "$invite" ] || say 'this machine has joined before and keeps its identity; the new invite is left unused'
    return
  fi
  (umask 077 && printf '%s\n' "$invite" >"$settings/invite")
}
