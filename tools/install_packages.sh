#!/bin/sh
# install_packages.sh GROUP...: installs what is missing of these groups of tools/packages.txt. Silent and quick, and without
# asking apt, when nothing is.
set -eu
list="$(dirname "$0")/packages.txt"

missing=""
for group in "$@"; do
  while read -r of package present; do
    [ "$of" = "$group" ] || continue
    case "$present" in
      */*) [ -e "$present" ] && continue ;;
      *) command -v "$present" > /dev/null 2>&1 && continue ;;
    esac
    # Here under another path, or another architecture's.
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' && continue
    case " $missing " in *" $package "*) ;; *) missing="$missing $package" ;; esac
  done < "$list"
done
[ -n "$missing" ] || exit 0

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
echo "installing:$missing" >&2
install() { $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing < /dev/null > /dev/null; }
# Package lists may be missing or too old to fetch from.
install 2> /dev/null || { $sudo apt-get update -qq < /dev/null && install; }
