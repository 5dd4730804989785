# Sourced after runtime.sh: brings Debian's programs that the tests set the gateway against. Root gets them installed. Others
# get Mosquitto unpacked into .runtime; tests that need another missing program are not run there, and say so.
# shellcheck shell=bash
# shellcheck disable=SC2154 # root and the functions come from runtime.sh

# program:package, or a path where a package has no program
test_tools=(
  mosquitto:mosquitto
  openssl:openssl
  ip:iproute2
  nft:nftables
  gcc:gcc
  ld:libc6-dev
  faketime:faketime
  curl:curl
  socat:socat
  pymodbus.server:python3-pymodbus
  /usr/lib/python3/dist-packages/serial_asyncio:python3-serial-asyncio
)

use_test_tools() {
  PATH=$PATH:/usr/sbin:/sbin
  export PATH
  local tool missing=()
  for tool in "${test_tools[@]}"; do
    command -v "${tool%%:*}" >/dev/null 2>&1 || [ -e "${tool%%:*}" ] || missing+=("${tool##*:}")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "Installing ${missing[*]} from Debian …"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >/dev/null ||
      die "${missing[*]} could not be installed." "Run: apt-get install ${missing[*]}"
    return
  fi
  [ "${CI:-}" = true ] && die "${missing[*]} is missing." "Run: apt-get install ${missing[*]}"
  command -v mosquitto >/dev/null 2>&1 || unpack_mosquitto || die "Mosquitto is missing." "Run: sudo apt-get install mosquitto"
}

# Without root its packages are unpacked instead of installed.
unpack_mosquitto() {
  command -v apt-get >/dev/null 2>&1 || return 1
  local home=$root/.runtime/mosquitto
  if [ ! -x "$home/usr/sbin/mosquitto" ]; then
    say "Unpacking Mosquitto from Debian into .runtime …"
    mkdir -p "$home"
    (
      cd "$home" || exit 1
      # shellcheck disable=SC2046 # one word per package is meant
      apt-get download $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
        mosquitto 2>/dev/null | grep -E '^(mosquitto|libwebsockets|libcjson|libmosquitto|libuv|libev|libdlt|libcap|libssl)' | sort -u) >/dev/null 2>&1
      for package in *.deb; do dpkg -x "$package" . ; done
    ) || true
  fi
  PATH=$PATH:$home/usr/sbin
  LD_LIBRARY_PATH=$(find "$home" -name '*.so.*' -printf '%h\n' 2>/dev/null | sort -u | paste -sd:)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export PATH LD_LIBRARY_PATH
  mosquitto -h >/dev/null 2>&1 || [ $? -ne 127 ]
}
