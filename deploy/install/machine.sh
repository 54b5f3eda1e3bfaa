# What this machine is, and what it has.

find_machine() {
  [ "$(uname -s)" = Linux ] || fail "a node runs on Linux, and this is $(uname -s)"
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) archive=$archive_x64 size=$size_x64 triplet=x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
    aarch64 | arm64) archive=$archive_arm64 size=$size_arm64 triplet=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
    *) fail "there is no node for $machine: it needs a 64-bit system (x86_64 or aarch64). A Raspberry Pi 3 or newer runs the 64-bit Raspberry Pi OS" ;;
  esac
  # A 64-bit kernel may carry a 32-bit system.
  [ "$(getconf LONG_BIT 2>/dev/null || echo 64)" = 64 ] ||
    fail 'this system is a 32-bit one on a 64-bit kernel, and a node needs a 64-bit system: on a Raspberry Pi, the 64-bit Raspberry Pi OS'
  for tool in tar gzip sha256sum base64 od timeout; do
    has "$tool" || fail "$tool is missing on this machine: install it, and paste the line again"
  done
}

find_way() {
  case $way in
    '')
      if has_systemd; then way=service
      elif has_docker; then way=container
      else fail 'this machine has neither systemd nor a Docker engine that answers: one of the two has to keep the node running'
      fi
      ;;
    service) has_systemd || fail 'there is no systemd that could run the node as a service; with Docker, take --container' ;;
    container) has_docker || fail 'no Docker engine answers (docker info); without one, take --service' ;;
  esac
}

has() { command -v "$1" >/dev/null 2>&1; }
has_systemd() { [ -d /run/systemd/system ] && has systemctl; }
has_docker() { has docker && docker info >/dev/null 2>&1; }

# For whoever was verified as another user: the same program again, as root. sudo asks on the terminal, not on standard input.
become_root() {
  [ "$(id -u)" != 0 ] || return 0
  has sudo || fail 'this needs root, and there is no sudo: paste the line into a shell of root'
  exec sudo -- sh "$0" "$@"
}
