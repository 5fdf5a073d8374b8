# SPDX-License-Identifier: GPL-2.0
# Debian's source of a Linux series, unpacked in the cache, and kernels built from it there.
# shellcheck shell=bash
# Needs common.sh and apt.sh.

linux_source_suites()
{
	case $1 in
	6.1 | 6.12) echo bookworm bookworm-updates bookworm-security bookworm-backports ;;
	*) die "no source package is known for Linux $1 (known: 6.12 6.1)" ;;
	esac
}

newest_source()
{
	apt_versions "^linux-source-${1//./\\.}\$" | cut -d' ' -f2 | tail -n 1
}

# Without the manual and other architectures, but for their Kconfig files: half of it.
unpack_source()
{
	local series=$1 version=$2 final=$3 tmp top=linux-source-$1 arch skip=()

	[ ! -e "$final/Makefile" ] || return 0
	say "fetching the source of Linux $version"
	tmp=$(scratch_dir)
	apt_fetch "$tmp" "linux-source-$series=$version"
	for arch in alpha arc arm arm64 csky hexagon loongarch m68k microblaze mips nios2 openrisc \
		    parisc powerpc riscv s390 sh sparc xtensa; do
		skip+=("--exclude=$top/arch/$arch/*.[chS]" "--exclude=$top/arch/$arch/*.dts*")
	done
	tar -C "$tmp" "${skip[@]}" --exclude="$top/Documentation/*/*" \
		-xJf "$tmp/usr/src/$top.tar.xz"
	publish "$tmp/$top" "$final"
	rm -rf "$tmp"
	drop_stale "$CACHE/sources/$series-" "$final"
}

# linux_source SERIES: path of the unpacked source.
linux_source()
{
	local suites version final

	read -ra suites <<<"$(linux_source_suites "$1")"
	apt_use "${suites[@]}"
	with_lock apt apt_refresh
	version=$(apt_memo newest_source "$1")
	[ -n "$version" ] || die "no linux-source-$1 in ${suites[*]}"
	final=$CACHE/sources/$1-$version-$(hash_of -- "$(declare -f unpack_source)")
	with_lock "source-$1" unpack_source "$1" "$version" "$final" >&2
	echo "$final"
}

# check_config FRAGMENT CONFIG: every line of the fragment came true.
check_config()
{
	local line missing=0

	while IFS= read -r line; do
		case $line in
		CONFIG_*=n) ! grep -q "^${line%=n}=" "$2" || { warn "not off: ${line%=n}"; missing=1; } ;;
		CONFIG_*) grep -qxF -- "$line" "$2" || { warn "not so: $line"; missing=1; } ;;
		esac
	done <"$1"
	[ $missing -eq 0 ] || die "the kernel cannot be configured as $1 wants"
}

# build_linux DIR SOURCE FRAGMENT MAKE_ARGUMENT...: build a kernel of nothing but the fragment in
# DIR. An interrupted build goes on where it was.
build_linux()
{
	local dir=$1 source=$2 fragment=$3 make

	shift 3
	[ ! -e "$dir/ok" ] || return 0
	mkdir -p "$dir"
	make=(make --no-print-directory -C "$source" "O=$dir" "$@")
	if [ ! -e "$dir/configured" ]; then
		"${make[@]}" "KCONFIG_ALLCONFIG=$fragment" allnoconfig >"$dir/build.log" 2>&1 ||
			{ tail -n 20 "$dir/build.log" >&2; die "cannot configure the kernel"; }
		check_config "$fragment" "$dir/.config"
		touch "$dir/configured"
	fi
	"${make[@]}" all >>"$dir/build.log" 2>&1 ||
		{ tail -n 40 "$dir/build.log" >&2; die "cannot build the kernel, log: $dir/build.log"; }
	touch "$dir/ok"
}
