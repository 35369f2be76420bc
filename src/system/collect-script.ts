/**
 * The script that `rbtool collect-script` prints. It reads tracefs and /proc of a running kernel and packs what
 * src/trace/context/load.ts knows how to use, under the names that it looks for.
 */
export const COLLECT_SCRIPT = `#!/bin/sh
# Collects what rbtool needs to read the events of this very kernel build: event formats, symbols, strings.
# Usage: sh collect.sh [OUTPUT.tar.gz]      (- writes to standard output)
# Run it as root on a healthy machine with the same kernel. It only reads.
set -eu

out=\${1:-rbtool-$(uname -r).tar.gz}
say() { printf '%s\\n' "$*" >&2; }

tracefs=
mounted=
for dir in /sys/kernel/tracing /sys/kernel/debug/tracing; do
	if [ -r "$dir/events/header_page" ]; then tracefs=$dir; break; fi
done
work=$(mktemp -d "\${TMPDIR:-/tmp}/rbtool.XXXXXX")
cleanup() {
	if [ -n "$mounted" ]; then umount "$work/tracefs" 2>/dev/null || :; fi
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
if [ -z "$tracefs" ]; then
	mkdir "$work/tracefs"
	if mount -t tracefs nodev "$work/tracefs" 2>/dev/null; then
		mounted=1
		tracefs=$work/tracefs
	else
		say "no readable tracefs: run this as root, on a kernel with CONFIG_FTRACE"
		exit 1
	fi
fi

dest=$work/rbtool
mkdir "$dest" "$dest/events"

# Files of tracefs and /proc have no size: cat them, do not copy them.
take() {
	if [ -r "$1" ] && cat "$1" >"$2" 2>/dev/null; then return 0; fi
	rm -f "$2"
	say "not readable: $1"
	return 0
}

take "$tracefs/events/header_page" "$dest/events/header_page"
take "$tracefs/events/header_event" "$dest/events/header_event"
count=0
for format in "$tracefs"/events/*/*/format; do
	[ -r "$format" ] || continue
	event=\${format%/format}
	name=\${event##*/}
	group=\${event%/*}
	group=\${group##*/}
	mkdir -p "$dest/events/$group/$name"
	cat "$format" >"$dest/events/$group/$name/format"
	count=$((count + 1))
done
if [ "$count" -eq 0 ]; then
	say "no event formats in $tracefs/events: run this as root"
	exit 1
fi

take /proc/kallsyms "$dest/kallsyms"
take "$tracefs/printk_formats" "$dest/printk_formats"
take "$tracefs/saved_cmdlines" "$dest/saved_cmdlines"
take "$tracefs/trace_clock" "$dest/trace_clock"
if [ -r "$tracefs/dynamic_events" ]; then take "$tracefs/dynamic_events" "$dest/dynamic_events"; fi
take /proc/modules "$dest/modules"
mkdir "$dest/btf"
for btf in /sys/kernel/btf/*; do
	[ -r "$btf" ] || continue
	take "$btf" "$dest/btf/\${btf##*/}"
done
rmdir "$dest/btf" 2>/dev/null || :
take /proc/cmdline "$dest/cmdline"
uname -r >"$dest/release"
uname -m >"$dest/machine"
getconf PAGESIZE >"$dest/page_size" 2>/dev/null || rm -f "$dest/page_size"
if [ -r /sys/kernel/notes ]; then cat /sys/kernel/notes >"$dest/notes" 2>/dev/null || rm -f "$dest/notes"; fi
if [ -r "/boot/config-$(uname -r)" ]; then
	cat "/boot/config-$(uname -r)" >"$dest/config"
elif [ -r /proc/config.gz ]; then
	gzip -dc /proc/config.gz >"$dest/config" 2>/dev/null || rm -f "$dest/config"
fi

# Where the area lies: from the kernel's own words, and how /proc/iomem shows that place.
{
	dmesg 2>/dev/null | grep -i -e 'mapped boot instance' -e 'reserve_mem' || :
	grep -i -e reserved -e 'System RAM' /proc/iomem 2>/dev/null || :
} >"$dest/iomem"

if ! grep -q '[1-9a-f]' "$dest/kallsyms" 2>/dev/null || ! cut -c1-16 "$dest/kallsyms" | grep -q '[1-9a-f]'; then
	say "kallsyms shows no addresses (not root, or kptr_restrict): events will be without symbols"
fi

if [ "$out" = - ]; then
	tar -cf - -C "$work" rbtool | gzip -c
else
	tar -cf - -C "$work" rbtool | gzip -c >"$out"
	say "$count event formats of $(uname -r) in $out"
fi
modules=$(cut -d ' ' -f 1 "$dest/modules" 2>/dev/null | tr '\\n' ' ') || modules=
if [ -n "$modules" ]; then
	say "with the events of the modules that are loaded now, no others: $modules"
fi
`;
