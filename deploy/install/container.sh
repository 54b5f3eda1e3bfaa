# The node as a container that shows the machine: its /proc, /sys and disks, read-only.

install_container() {
  mkdir "$work/new"
  image=$container:$(printf %s "$archive" | cut -c1-12)
  docker image inspect "$image" >/dev/null 2>&1 || import_image
  ! is_new || undo=yes
  remove_service
  docker rm --force "$container" >/dev/null 2>&1 || true
  put_program
  put_settings
  [ -d "$state" ] || mkdir -m 700 "$state"
  chown -R "$container_user:$container_user" "$state" "$settings/invite"
  started=$(date +%s)
  # shellcheck disable=SC2046 # a mount is a word of its own
  docker run --detach --name "$container" --restart unless-stopped --label sealcast.install="$container" \
    --read-only --cap-drop ALL --security-opt no-new-privileges --memory 64m --memory-swap 64m --pids-limit 64 \
    --network host --tmpfs /tmp:size=16m,mode=1777 --log-driver json-file --log-opt max-size=5m --log-opt max-file=2 \
    --env-file "$settings/settings" --env host_root=/host --env state_dir=/var/lib/sealcast/state \
    --env policy_file="$settings/policy" --env mq_invite_code="$settings/invite" --env install_file="$program/setup" \
    --volume "$state:/var/lib/sealcast/state" --volume "$settings:$settings:ro" --volume "$program/setup:$program/setup:ro" \
    $(host_mounts) "$image" >/dev/null
  undo=
  prune_images
}

import_image() {
  docker import --change "LABEL sealcast.install=$container" --change 'USER 36500:36500' --change 'WORKDIR /app' \
    --change 'ENV @env@ live_file=/tmp/sealcast-live' --change 'ENTRYPOINT @entrypoint@' \
    --change 'HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/live-check"]' \
    "$work/archive" "$image" >/dev/null || fail 'the Docker engine does not take the image'
}

# The root's disk is seen by the file of its name. Below the folders where people mount disks those are seen that come later, where
# the machine's mounts propagate, as systemd has it; every other disk of now is seen by one folder of it, if it can be an empty one.
host_mounts() {
  docker_root=$(docker info --format '{{.DockerRootDir}}')
  spread=ro
  ! grep -q '^[0-9]* [0-9]* [0-9:]* / / [^-]*\(shared\|master\):' /proc/self/mountinfo || spread=ro,rslave
  set -- /proc /sys
  for file in /etc/os-release /etc/hostname; do [ ! -e "$file" ] || set -- "$@" "$file"; done
  for path in "$@"; do printf ' --volume %s:/host%s:ro' "$path" "$path"; done
  for path in /boot /media /mnt /srv; do [ ! -d "$path" ] || printf ' --volume %s:/host%s:%s' "$path" "$path" "$spread"; done
  while read -r _ path type _; do
    case $type in ext[234] | xfs | btrfs | f2fs | vfat | zfs) ;; *) continue ;; esac
    case $path in / | /boot* | /media/* | /mnt/* | /srv/* | "$docker_root"* | *\\*) continue ;; esac
    [ -d "$path" ] || continue
    [ ! -d "$path/lost+found" ] || path=$path/lost+found
    printf ' --volume %s:/host%s:ro' "$path" "$path"
  done </proc/mounts
}

container_is_live() { [ "$(docker inspect --format '{{.State.Health.Status}}' "$container" 2>/dev/null)" = healthy ]; }
container_log() { docker logs --since "$started" "$container" 2>&1; }
container_ended() { [ "$(docker inspect --format '{{.RestartCount}}' "$container")" != 0 ]; }

remove_container() {
  has_docker || return 0
  docker stop --time 10 "$container" >/dev/null 2>&1 || true
  docker rm --force "$container" >/dev/null 2>&1 || true
  prune_images
}

# Those that no container has any more.
prune_images() { docker image prune --all --force --filter label=sealcast.install="$container" >/dev/null; }
