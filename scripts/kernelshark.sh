#!/usr/bin/env bash
# Opens exported traces in KernelShark on a screen of its own (Xvfb), before a release: scripts/kernelshark.sh FILE.dat...
# Needs Debian's kernelshark, xvfb and imagemagick. Beside each file it leaves FILE.png, to be looked at; it fails where
# KernelShark ends, says more than that it loads the file, or shows an empty window. As root it would stop at a dialog: there
# it runs as nobody.
set -uo pipefail
[ $# -gt 0 ] || { sed -n '2,5s/^# //p' "$0"; exit 2; }
for program in kernelshark xvfb-run import; do
  command -v "$program" >/dev/null || { echo "no $program: apt install kernelshark xvfb imagemagick" >&2; exit 2; }
done
as=()
[ "$(id -u)" = 0 ] && as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
status=0
for file in "$@"; do
  work=$(mktemp -d)
  cp "$file" "$work/trace.dat"
  chmod 700 "$work"
  [ ${#as[@]} -eq 0 ] || chown -R nobody "$work"
  # shellcheck disable=SC2016
  HOME=$work XDG_CACHE_HOME=$work XDG_RUNTIME_DIR=$work "${as[@]}" xvfb-run -a -s "-screen 0 1400x900x24" bash -c '
    kernelshark -i "$1/trace.dat" >"$1/log" 2>&1 & shark=$!
    for _ in $(seq "${WAIT:-15}"); do sleep 1; kill -0 $shark 2>/dev/null || break; done
    import -window root "$1/screen.png"
    if kill -0 $shark 2>/dev/null; then kill $shark; echo alive >"$1/state"; fi' bash "$work"
  cp "$work/screen.png" "${file%.dat}.png"
  colours=$(identify -format %k "$work/screen.png")
  said=$(grep -v -e '^ *$' -e 'Loading *"' -e kvm_combo -e 'QStandardPaths' -e '^qt\.' "$work/log")
  if [ ! -e "$work/state" ] || [ -n "$said" ] || [ "$colours" -lt 50 ]; then
    echo "$file: NOT shown: $(cat "$work/log") ($colours colours)"
    status=1
  else echo "$file: shown, ${file%.dat}.png"; fi
  rm -rf "$work"
done
exit $status
