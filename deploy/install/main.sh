# Everything above is read before anything is done.

usage() {
  cat <<'END'
Installs a Sealcast node on this machine, and takes it away again.
  setup FROM [--service | --container]   FROM is the address of a master's install/, or a folder with its files. The invite
                                         comes by standard input; without one, a node that has joined is made anew.
  setup remove                           Removes the node, its identity, its user and its settings.
END
}

install() {
  from=$1 way='' new='' joined='' undo='' back='' held='' made='' owner='' invite=''
  case ${2:-} in
    '') ;;
    --service) way=service ;;
    --container) way=container ;;
    *) fail "there is no $2; see --help" ;;
  esac
  find_machine
  find_way
  read_invite
  open_work
  fetch "$archive.tar.gz" "$work/archive"
  "install_$way"
  undo=''
  # A node that never joined is none to go back to: the new one goes on trying.
  [ -n "$joined" ] || settle
  wait_until_joined
  if "${way}_is_live"; then
    settle
    say "this machine has joined, and its node runs as a $way. To remove it: $sudo$program/setup remove"
  else
    give_up
  fi
}

settle() {
  back=''
  "settle_$way"
}

# In `why` stands the reason where it does not, from its own log.
wait_until_joined() {
  left=30
  say "waiting until it has joined, for $left seconds at most"
  until "${way}_is_live"; do
    left=$((left - 1))
    why=$("${way}_log" | told)
    case $why in *' refused this '*) break ;; esac
    ! "${way}_ended" || break
    [ "$left" -gt 0 ] || break
    sleep 1
  done
}

# What the node says of a refusal is for whoever started it by hand. No try after it would end otherwise.
give_up() {
  case $why in
    *' refused this invite'*)
      undo=$new
      fail "the master takes this invite no more: it was used, was withdrawn, or has expired. Take a new line from its page"
      ;;
    *' refused this node'*)
      fail "the master takes this machine's node no more: it was removed on its page, or a copy of it runs on another machine. To join anew: $sudo$program/setup remove, and then a new line from the page"
      ;;
  esac
  why=${why:-no reason was told}
  [ -z "$back" ] || fail "the new node has not joined: $why"
  say "the node is installed as a $way, but it has not joined: $why" >&2
  fail "it goes on trying. To remove it: $sudo$program/setup remove"
}

# The last complaint of a log, or else its last line: a line of JSON, or the indented ones of a start that failed. None of it is an
# order to the terminal.
told() { LC_ALL=C tr -cd '\n -~' | sed -n 's/.*"level":"\(warn\|error\|fatal\)".*"msg":"\(.*\)"}$/\2/p; s/^  *\(.*\)/\1/p; /^[^ {]/p' | tail -n 1; }

remove_all() {
  has_docker || ! was_container || fail "$no_engine"
  remove_service
  remove_container
  [ ! -e "$program/made-user" ] || userdel "$user"
  rm -rf "$program" "$settings" "$state" "$unit.d"
}

remove() {
  [ -e "$program" ] || [ -e "$settings" ] || [ -e "$state" ] || fail 'there is no node on this machine that this program installed'
  remove_all
  say "the node is gone from this machine, with all that was installed for it. The master's page shows it until it is removed there"
}

case ${1:-} in
  '' | --help | -h) usage ;;
  remove)
    become_root "$@"
    remove
    ;;
  *)
    become_root "$@"
    install "$@"
    ;;
esac
