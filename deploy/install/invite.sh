# The invite: it comes by standard input, so that it stands in no command's arguments, which everybody on the machine can read.

read_invite() {
  [ ! -t 0 ] || printf 'Paste the invite, which begins with sealcast1: ' >&2
  IFS= read -r invite || true
  invite=$(printf %s "$invite" | tr -d ' \t\r')
  case $invite in
    sealcast1:*)
      open_invite
      check_program
      check_master
      ;;
    '') has_joined || fail "there is no invite: paste the whole line that the master's page shows" ;;
    *) fail "this is not an invite: paste the whole line that the master's page shows" ;;
  esac
}

# PROTOCOL.md, The invite: the first four bytes of the body's SHA-256 end it, and its CBOR has one order of members alone, of which
# the last three are `install`, `signing` and `mechanism`. Sets `pinned` and `signing`, in hexadecimal digits, where all three are there.
open_invite() {
  line=$(printf %s "${invite#sealcast1:}" | tr -- '-_' '+/')
  while [ $((${#line} % 4)) != 0 ]; do line=$line=; done
  digits=$(printf %s "$line" | hex)
  body=${digits%????????} sum=''
  if [ -n "$body" ]; then sum=$(printf %s "$line" | base64 -d 2>/dev/null | head -c $((${#body} / 2)) | sha256sum | cut -c1-8); fi
  [ -n "$sum" ] && [ "$digits" = "$body$sum" ] ||
    fail "the invite is damaged, as where it was cut when it was pasted: paste the whole line that the master's page shows once more"
  key='5820([0-9a-f]{64})'
  ends="67696e7374616c6c${key}677369676e696e67${key}696d656368616e69736d(646e756c6c|656375727665|65706c61696e)"
  pins=$(printf '%s\n' "$body" | sed -nE "s/^aa.*$ends\$/\\1 \\2/p")
  pinned=${pins% *} signing=${pins#* }
}

check_program() {
  [ "$pinned" = "$(sha256sum <"$0" | cut -c1-64)" ] ||
    fail "this invite was not made for this program, so one of them is of another master, or of before an upgrade: take a new line from the master's page, and paste it whole"
}

# `signing` is the key that the master is known by. A node that has joined belongs to one master.
check_master() {
  has_joined || return 0
  mine=$(sed -n 's/.*"signing":"\([A-Za-z0-9+/=]*\)".*/\1/p' "$state/master.json" | hex)
  [ "$signing" = "$mine" ] ||
    fail "this machine's node belongs to another master, and nothing was changed. To give it to this one, first: $sudo$program/setup remove"
}

# Base64 in, hexadecimal digits out; nothing where it is none.
hex() { base64 -d 2>/dev/null | od -An -v -tx1 | tr -d ' \n'; }

has_joined() { [ -f "$state/master.json" ]; }

# A node that has joined needs no invite, and one of the same master would stay open.
keep_invite() {
  if has_joined && [ -f "$settings/invite" ]; then
    [ -z "$invite" ] || say 'this machine has joined before and keeps its identity; the new invite is left unused'
    return
  fi
  (umask 077 && printf '%s\n' "$invite" >"$settings/invite")
}
