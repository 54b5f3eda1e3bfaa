# The images of init, master, relay and node, for amd64 and arm64:
#   docker buildx bake                 all eight, into this machine's engine, as sealcast-NAME:VERSION-ARCHITECTURE
#   docker buildx bake node-arm64      one of them
#   docker buildx bake publish --push  each as one image of both architectures, with what it is made of and by what, into a registry:
#                                      needs a builder of the docker-container kind, and `registry` ending in a slash
# Variables come from the environment.

variable "version" {
  default = "0.1.0"
}
variable "revision" {
  default = ""
}
variable "created" {
  default = ""
}
variable "source" {
  default = ""
}
variable "registry" {
  default = ""
}
variable "build_image" {
  default = "node:26-trixie-slim"
}

parts         = ["init", "master", "relay", "node"]
architectures = ["amd64", "arm64"]
dockerfiles = {
  init   = "Dockerfile.master"
  master = "Dockerfile.master"
  relay  = "Dockerfile.node"
  node   = "Dockerfile.node"
}

group "default" {
  targets = [for pair in setproduct(parts, architectures) : "${pair[0]}-${pair[1]}"]
}

group "publish" {
  targets = [for part in parts : "${part}-both"]
}

target "labelled" {
  args = { build_image = build_image }
  labels = {
    for name, value in { version = version, revision = revision, created = created, source = source } :
    "org.opencontainers.image.${name}" => value if value != ""
  }
}

target "one" {
  matrix     = { part = parts, architecture = architectures }
  name       = "${part}-${architecture}"
  inherits   = ["labelled"]
  dockerfile = dockerfiles[part]
  target     = part
  platforms  = ["linux/${architecture}"]
  tags       = ["sealcast-${part}:${version}-${architecture}"]
}

target "both" {
  matrix     = { part = parts }
  name       = "${part}-both"
  inherits   = ["labelled"]
  dockerfile = dockerfiles[part]
  target     = part
  platforms  = [for architecture in architectures : "linux/${architecture}"]
  tags       = ["${registry}sealcast-${part}:${version}"]
  attest     = ["type=provenance,mode=max", "type=sbom"]
}
