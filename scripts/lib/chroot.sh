# SPDX-License-Identifier: GPL-2.0
# A build chroot of another Debian suite, for kernels that need a newer compiler than the host's.
# shellcheck shell=bash
# Needs common.sh and apt.sh.

build_chroot()
{
	local final=$1 suite=$2 tmp

	shift 2
	[ ! -e "$final/ok" ] || return 0
	say "building a $suite chroot for the compiler (once, about a minute)"
	tmp=$(scratch_dir)
	apt_line "$suite" | bootstrap "$suite" "$tmp/root" --variant=minbase \
		--include="$(IFS=,; echo "$*")"
	as_root touch "$tmp/root/ok"
	publish "$tmp/root" "$final"
	rm -rf "$tmp"
}

# chroot_for SUITE GCC_MAJOR: path of the chroot, built when missing.
chroot_for()
{
	local packages=("gcc-$2" gcc make libelf-dev libdw1t64 dwarves bc kmod sparse) final

	final=$CACHE/chroots/$1-$(hash_of -- "${packages[@]}" "$(declare -f build_chroot)")
	with_lock "chroot-$1" build_chroot "$final" "$1" "${packages[@]}" >&2
	echo "$final"
}

# in_chroot ROOT DIR COMMAND...: run COMMAND in DIR, which lies in the cache, inside the chroot.
# Mounts live in a private namespace and end with the command.
in_chroot()
{
	local root=$1 dir=$2

	shift 2
	# shellcheck disable=SC2016
	as_root unshare --mount --propagation unchanged -- sh -euc '
		root=$1 cache=$2 dir=$3
		shift 3
		# Fails when / is no mount point itself, as in a chroot: then nothing is shared.
		mount --make-rprivate / 2>/dev/null || true
		mkdir -p "$root$cache"
		mount -t proc proc "$root/proc"
		mount --bind /dev "$root/dev"
		mount --bind "$cache" "$root$cache"
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
			sh -c "cd \"\$1\" && shift && exec \"\$@\"" sh "$dir" "$@"
	' sh "$root" "$CACHE" "$dir" "$@"
}
