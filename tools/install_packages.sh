#!/bin/sh
# install_packages.sh GROUP...: installs what is missing of these groups of tools/packages.txt. Silent and quick, and without
# asking apt, when nothing is. On a system that the list was not made for it says so before anything is installed, and
# what is missing; WEIR_ANY_SYSTEM=1 has it tried all the same.
set -eu
list="$(dirname "$0")/packages.txt"

# Is one of these commands or files (a|b) here?
present() {
  old=$IFS; IFS='|'
  for one in $1; do
    case "$one" in
      */*) [ -e "$one" ] && { IFS=$old; return 0; } ;;
      *) command -v "$one" > /dev/null 2>&1 && { IFS=$old; return 0; } ;;
    esac
  done
  IFS=$old
  return 1
}

installed() { dpkg-query -W -f '${Status}' "$1" 2> /dev/null | grep -q 'install ok installed'; }

missing=""
for group in "$@"; do
  while read -r of package files; do
    [ "$of" = "$group" ] || continue
    present "$files" && continue
    # Here under another path, or another architecture's.
    case "$package" in *'|'*) ;; *) installed "$package" && continue ;; esac
    case " $missing " in *" $package "*) ;; *) missing="$missing $package" ;; esac
  done < "$list"
done
[ -n "$missing" ] || exit 0

system=$(. /etc/os-release 2> /dev/null && echo "${ID:-unknown} ${VERSION_ID:-}" || uname -s)
case "$system" in
  "debian 12" | "debian 13" | "ubuntu 24.04") ;;
  *)
    if [ -z "${WEIR_ANY_SYSTEM:-}" ]; then
      echo "This is $system; Weir is built and tested on Debian 12 and 13, and its packages also have these names on Ubuntu 24.04." >&2
      echo "Nothing was installed. Missing:$missing" >&2
      echo "Install their equivalents yourself, or try these names here: WEIR_ANY_SYSTEM=1 make ..." >&2
      exit 1
    fi ;;
esac
if ! command -v apt-get > /dev/null 2>&1; then
  echo "missing, and there is no apt-get to install them with:$missing" >&2
  exit 1
fi
sudo=""
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo > /dev/null 2>&1; then
    echo "missing, and neither root nor sudo to install them: apt-get install$missing" >&2
    exit 1
  fi
  sudo="sudo"
fi

# The first of the alternatives (a|b) that this system has.
known() {
  old=$IFS; IFS='|'
  for one in $1; do
    apt-cache show "$one" 2> /dev/null | grep -q '^Package:' && { IFS=$old; echo "$one"; return; }
  done
  IFS=$old
  echo "${1%%|*}"
}
# Package lists may be missing or too old to fetch from.
install() {
  names=""
  for package in $missing; do names="$names $(known "$package")"; done
  echo "installing:$names" >&2
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $names < /dev/null > /dev/null
}
apt-cache show make 2> /dev/null | grep -q '^Package:' || $sudo apt-get update -qq < /dev/null
install 2> /dev/null || { $sudo apt-get update -qq < /dev/null && install; }
