# The node as a container that shows the machine: what it reads of /proc, /sys, and its disks, read-only.

install_container() {
  mkdir "$work/new"
  image=$container:$(printf %s "$archive" | cut -c1-12)
  ! has_container "$container" || is_ours "$container" ||
    fail "there is a container $container that this program did not make: rename it, or take it away yourself"
  say 'giving it to the Docker engine as an image'
  import_image
  hold_old
  put_program
  put_settings
  [ -d "$state" ] || mkdir -m 700 "$state"
  chown -R "$container_user:$container_user" "$state" "$settings/invite"
  started=$(date +%s)
  made=yes
  say 'starting it as a container'
  run_container || fail 'the Docker engine does not start the node'
}

# It stays: what was there before goes.
settle_container() {
  remove_service
  ! is_ours "$container-before" || docker rm --force "$container-before" >/dev/null
  prune_images
}

# Whatever has that name already.
import_image() {
  docker import --change "LABEL sealcast.install=$container" --change 'USER 36500:36500' --change 'WORKDIR /app' \
    --change 'ENV @env@ live_file=/tmp/sealcast-live' --change 'ENTRYPOINT @entrypoint@' \
    --change 'HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/live-check"]' \
    "$work/archive" "$image" >/dev/null || fail 'the Docker engine does not take the image'
}

# /proc file by file: under the whole of it would lie the files of every process that has the node's user id, a master's keys too.
# The root's disk is seen by the file of its name. Below the folders where people mount disks those are seen that come later, where
# the machine's mounts propagate, as systemd has it; every other disk of now is seen by its empty folder, if it has one.
run_container() {
  docker_root=$(docker info --format '{{.DockerRootDir}}')
  spread=''
  ! grep -q '^[0-9]* [0-9]* [0-9:]* / / [^-]*\(shared\|master\):' /proc/self/mountinfo || spread=,bind-propagation=rslave
  set --
  for path in @proc@; do
    [ ! -e "/proc/$path" ] || set -- "$@" --mount "$(shown "/proc/$path")"
  done
  for path in /sys /etc/os-release /etc/hostname; do [ ! -e "$path" ] || set -- "$@" --mount "$(shown "$path")"; done
  for path in /boot /media /mnt /srv; do [ ! -d "$path" ] || set -- "$@" --mount "$(shown "$path")$spread"; done
  while read -r _ path type _; do
    case $type in ext[234] | xfs | btrfs | f2fs | vfat | zfs) ;; *) continue ;; esac
    # What is written with a backslash, and what has a meaning in --mount, is left out.
    case $path in / | /boot* | /media/* | /mnt/* | /srv/* | "$docker_root"* | *[\\,\"]*) continue ;; esac
    is_empty_folder "$path/lost+found" || continue
    set -- "$@" --mount "$(shown "$path/lost+found")"
  done </proc/mounts
  docker run --detach --name "$container" --restart unless-stopped --label sealcast.install="$container" \
    --read-only --cap-drop ALL --security-opt no-new-privileges --memory 64m --memory-swap 64m --pids-limit 64 \
    --network host --tmpfs /tmp:size=16m,mode=1777 --log-driver json-file --log-opt max-size=5m --log-opt max-file=2 \
    --env-file "$settings/settings" --env host_root=/host --env state_dir=/var/lib/sealcast/state \
    --env policy_file="$settings/policy" --env mq_invite_code="$settings/invite" --env install_file="$program/setup" --env live_file=/tmp/sealcast-live \
    --volume "$state:/var/lib/sealcast/state" --volume "$settings:$settings:ro" --volume "$program/setup:$program/setup:ro" \
    "$@" "$image" >/dev/null
}

shown() { printf 'type=bind,src=%s,dst=/host%s,readonly' "$1" "$1"; }
# Root's own, and no way to somewhere else.
is_empty_folder() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -z "$(ls -A "$1")" ]; }

has_container() { docker container inspect "$1" >/dev/null 2>&1; }
is_ours() { [ "$(docker container inspect --format '{{index .Config.Labels "sealcast.install"}}' "$1" 2>/dev/null)" = "$container" ]; }
container_is_live() { [ "$(docker inspect --format '{{.State.Health.Status}}' "$container" 2>/dev/null)" = healthy ]; }
container_log() { docker logs --since "$started" "$container" 2>&1; }
container_ended() { [ "$(docker inspect --format '{{.RestartCount}}' "$container")" != 0 ]; }

remove_container() {
  has_docker || return 0
  for id in $(docker ps --all --quiet --filter label=sealcast.install="$container"); do
    docker stop --time 10 "$id" >/dev/null || true
    docker rm --force "$id" >/dev/null || fail 'the Docker engine does not take the node away: nothing else was removed'
  done
  prune_images
}

# Those that no container has any more.
prune_images() { docker image prune --all --force --filter label=sealcast.install="$container" >/dev/null; }
