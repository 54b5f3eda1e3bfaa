# The node that was there before, of either way: it stands still while the new one is put in its place, and goes on where that fails, or
# where the new one does not join.

no_engine="this machine's node is a container, and no Docker engine answers (docker info): start the engine, and run this again"

was_container() { [ "$(cat "$program/way" 2>/dev/null)" = container ]; }

hold_old() {
  ! is_new || new=yes undo=yes
  has_docker || ! was_container || fail "$no_engine"
  [ -n "$undo" ] || back=yes
  ! has_joined || joined=yes
  [ ! -e "$state" ] || owner=$(stat -c %u:%g "$state")
  [ ! -e "$settings/invite" ] || cp -p "$settings/invite" "$work/invite"
  if [ -e "$unit" ]; then
    cp "$unit" "$work/unit"
    say 'stopping the node that was there before'
    systemctl stop sealcast-node
  fi
  if has_docker; then hold_container; fi
}

hold_container() {
  # Of a run that was cut off.
  is_ours "$container" || ! is_ours "$container-before" || docker rename "$container-before" "$container"
  is_ours "$container" || return 0
  ! is_ours "$container-before" || docker rm --force "$container-before" >/dev/null
  held=yes
  say 'stopping the node that was there before'
  docker stop --time 10 "$container" >/dev/null
  docker rename "$container" "$container-before"
}

# Of close_work: a step that fails does not keep the others from being done.
put_back() {
  back=''
  say 'the node that was there before goes on' >&2
  [ ! -e "$unit" ] || systemctl stop sealcast-node
  [ -z "$made" ] || ! is_ours "$container" || docker rm --force "$container" >/dev/null
  if [ -d "$work/old" ]; then
    rm -rf "$program"
    mv "$work/old" "$program"
  fi
  [ ! -e "$work/invite" ] || mv "$work/invite" "$settings/invite"
  [ -z "$owner" ] || chown -R "$owner" "$state" "$settings/invite"
  if [ -e "$work/unit" ]; then
    cp "$work/unit" "$unit"
    systemctl daemon-reload
    systemctl start sealcast-node
  else
    remove_service
  fi
  if [ -n "$held" ]; then
    ! is_ours "$container-before" || docker rename "$container-before" "$container"
    docker start "$container" >/dev/null
  fi
  ! has_docker || prune_images
}
