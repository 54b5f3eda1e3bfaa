# The files: fetched from the master, or from a folder, and believed for their SHA-256 alone.

# What is made here is moved into its place when it is whole, and is gone however this ends.
open_work() {
  mkdir -p /opt
  work=$(mktemp -d "$program.XXXXXX")
  trap close_work EXIT
  trap 'exit 1' HUP INT TERM PIPE
}

# Neither a terminal that is gone nor a second Ctrl-C keeps any of it from being done.
close_work() {
  trap '' HUP INT TERM PIPE
  set +e
  [ -z "$back" ] || put_back
  rm -rf "$work"
  [ -z "$undo" ] || remove_all
}

is_new() { [ ! -e "$program" ] && [ ! -e "$settings" ] && [ ! -e "$state" ]; }

# Whoever serves it: a certificate has nothing to add to the hash. It is no more than the size that is pinned (in blocks of 512 bytes:
# to write more is an error), takes an hour at most, and comes from nowhere else.
fetch() {
  say "fetching the node from $from ($((size / 1000000)) MB)"
  case $from in
    http://* | https://*)
      has curl || has wget || fail 'neither curl nor wget is there'
      (
        trap '' XFSZ
        ulimit -f $((size / 512 + 1))
        if has curl; then timeout 3600 curl -fsSk --retry 5 -o "$2" "$from/$1"
        else timeout 3600 wget -q --no-check-certificate --max-redirect=0 -O "$2" "$from/$1"
        fi
      ) || fail "$from/$1 can't be fetched: is the master running, and is this line from its page as it is now?"
      ;;
    *) cp "$from/$1" "$2" 2>/dev/null || fail "$from/$1 is not there" ;;
  esac
  [ "$(sha256sum <"$2" | cut -c1-64)" = "${1%%.*}" ] ||
    fail "what $from serves is not what the invite pins: nothing was installed"
}

unpack() {
  mkdir "$2"
  tar -xzof "$1" -C "$2" || fail "$1 can't be unpacked: is there room in /opt?"
}

# In one step from the program that was there to the one that is new.
put_program() {
  cp "$0" "$work/new/setup"
  printf '%s\n' "$way" >"$work/new/way"
  chmod 755 "$work/new" "$work/new/setup"
  [ ! -e "$program/made-user" ] || touch "$work/new/made-user"
  [ ! -e "$program" ] || mv "$program" "$work/old"
  mv "$work/new" "$program"
}

# What is the operator's stays as it is.
put_settings() {
  mkdir -p "$settings"
  chmod 755 "$settings"
  [ -e "$settings/settings" ] || cat >"$settings/settings" <<END
# Settings of this machine's node, a line each, without quotes around a value; where its files are is not set here. After a change: ${sudo}systemctl restart sealcast-node, or, where it runs
# in a container, the line that installed it once more.
#node_name=attic-pi
#spool_max_mb=64
#log_level=info
END
  [ -e "$settings/policy" ] || cat >"$settings/policy" <<'END'
# What the master may order this machine: observe (texts, intervals), operate (new identities too), admin (any program).
# It counts from the next order on. Single programs: allow run /usr/bin/systemctl restart nginx.service
level observe
END
  keep_invite
}
