# The node that was there before, of either way: it stands still while the new one is put in its place, and goes on where that fails.

no_engine="this machine's node is a container, and no Docker engine answers (docker info): start the engine, and run this again"

was_container() { [ "$(cat "$program/way" 2>/dev/null)" = container ]; }

hold_old() {
  ! is_new || undo=yes
  has_docker || ! was_container || fail "$no_engine"
  [ -n "$undo" ] || back=yes
  [ ! -e "$state" ] || owner=$(stat -c %u:%g "$state")
  if [ -e "$unit" ]; then
    cp "$unit" "$work/unit"
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
  docker stop --time 10 "$container" >/dev/null
  docker rename "$container" "$container-before"
}

# Each step for itself: one that fails must not keep the others from being done.
put_back() {
  back=''
  say 'the node that was there before goes on' >&2
  [ -z "$made" ] || ! is_ours "$container" || docker rm --force "$container" >/dev/null || true
  if [ -d "$work/old" ]; then
    rm -rf "$program"
    mv "$work/old" "$program"
  fi
  [ -z "$owner" ] || chown -R "$owner" "$state" "$settings/invite" || true
  if [ -e "$work/unit" ]; then
    cp "$work/unit" "$unit"
    systemctl daemon-reload || true
    systemctl start sealcast-node || true
  else
    remove_service || true
  fi
  if [ -n "$held" ]; then
    ! is_ours "$container-before" || docker rename "$container-before" "$container" || true
    docker start "$container" >/dev/null || true
  fi
  ! has_docker || prune_images || true
}
