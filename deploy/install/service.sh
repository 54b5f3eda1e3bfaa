# The node as a service of systemd, with a user of its own.

install_service() {
  mkdir "$work/new"
  say 'unpacking it'
  unpack "$work/archive" "$work/new/root"
  # An image's own; here it would be a folder of the machine's that everybody may write to.
  rmdir "$work/new/root/tmp"
  # Node comes with its own C library: what this system has may be older. Nothing else of this system is asked either.
  run_node "$work/new/root" --version >/dev/null 2>"$work/why" ||
    fail "Node does not run on this machine (Linux $(uname -r)): $(head -n 1 "$work/why")"
  hold_old
  put_program
  add_user
  put_settings
  chown "$user:$user" "$settings/invite"
  [ ! -d "$state" ] || chown -R "$user:$user" "$state"
  write_unit
  systemctl daemon-reload
  systemctl enable --quiet sealcast-node
  started=$(date +%s)
  say 'starting it as a service'
  systemctl restart sealcast-node
}

# It stays: what was there before goes.
settle_service() { remove_container; }

run_node() {
  libraries=$1/usr/lib/$triplet
  node=$1/usr/bin/node
  shift
  "$libraries/$loader" --library-path "$libraries" "$node" "$@"
}

add_user() {
  ! getent passwd "$user" >/dev/null || return 0
  useradd --system --user-group --no-create-home --home-dir "$state" --shell /usr/sbin/nologin "$user"
  touch "$program/made-user"
}

write_unit() {
  libraries=$program/root/usr/lib/$triplet
  sed "s|@node@|$libraries/$loader --library-path $libraries $program/root/usr/bin/node|" >"$unit" <<'END'
@unit@
END
  cat >"$program/paths" <<END
state_dir=$state
live_file=/run/sealcast-node/live
mq_invite_code=$settings/invite
install_file=$program/setup
policy_file=$settings/policy
END
}

service_is_live() { [ -e /run/sealcast-node/live ]; }
# Of the unit's processes alone: every user of the machine may write under any identifier.
service_log() { journalctl --quiet _SYSTEMD_UNIT=sealcast-node.service --since "@$started" --output cat 2>/dev/null; }
service_ended() { [ "$(systemctl show --property NRestarts --value sealcast-node)" != 0 ]; }

remove_service() {
  [ -e "$unit" ] || return 0
  systemctl disable --quiet --now sealcast-node || true
  rm -f "$unit"
  systemctl daemon-reload
  systemctl reset-failed sealcast-node 2>/dev/null || true
}
