# The invite: it comes by standard input, so that it stands in no command's arguments, which everybody on the machine can read.

read_invite() {
  [ ! -t 0 ] || printf 'Paste the invite, which begins with sealcast1: ' >&2
  IFS= read -r invite || true
  invite=$(printf %s "$invite" | tr -d ' \t\r')
  case $invite in
    sealcast1:*)
      check_pin
      check_master
      ;;
    '') has_joined || fail "there is no invite: paste the whole line that the master's page shows" ;;
    *) fail "this is not an invite: paste the whole line that the master's page shows" ;;
  esac
}

# PROTOCOL.md, The invite: in its CBOR stands `install` with the SHA-256 of this very program.
check_pin() {
  body=$(printf %s "${invite#sealcast1:}" | tr -- '-_' '+/')
  while [ $((${#body} % 4)) != 0 ]; do body=$body=; done
  body=$(printf %s "$body" | hex)
  own=$(sha256sum <"$0" | cut -c1-64)
  holds "67696e7374616c6c5820$own" ||
    fail 'the invite does not pin this program, so one of them is not from your master: take a new line from its page'
}

# In it stands `signing` too, the key that the master is known by. A node that has joined belongs to one master.
check_master() {
  has_joined || return 0
  mine=$(sed -n 's/.*"signing":"\([A-Za-z0-9+/=]*\)".*/\1/p' "$state/master.json" | hex)
  holds "677369676e696e675820${mine:-none}" ||
    fail "this machine's node belongs to another master, and nothing was changed. To give it to this one, first: sudo $program/setup remove"
}

# Base64 in, hexadecimal digits out; nothing where it is none.
hex() { base64 -d 2>/dev/null | od -An -v -tx1 | tr -d ' \n'; }
holds() { case $body in *"$1"*) ;; *) return 1 ;; esac }

has_joined() { [ -f "$state/master.json" ]; }

# A node that has joined needs no invite, and one of the same master would stay open.
keep_invite() {
  if has_joined && [ -f "$settings/invite" ]; then
    [ -z "$invite" ] || say 'this machine has joined before and keeps its identity; the new invite is left unused'
    return
  fi
  (umask 077 && printf '%s\n' "$invite" >"$settings/invite")
}
