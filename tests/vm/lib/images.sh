# SPDX-License-Identifier: GPL-2.0
# Builds and caches the images a guest boots from: root, kernel modules, initramfs, payload.
# shellcheck shell=bash
# Needs common.sh and apt.sh; the kernel's description (VERSION, MODULES, ...) in the environment.

ROOT_SUITE=bookworm
ROOT_PACKAGES=(
	kmod udev e2fsprogs xfsprogs btrfs-progs util-linux procps keyutils jq
	ndctl daxctl libndctl6 libdaxctl1 libpmem1 libjson-c5 libblkid1
	fio stress-ng dmsetup lvm2 cryptsetup-bin bcache-tools kexec-tools rpcbind
)
# Modules the initramfs loads before the root image can be mounted.
EARLY_MODULES=(virtio_pci virtio_blk virtio_console crc32c_generic ext4)

# make_ext4 DIR IMAGE FREE_MIB: an ext4 image with DIR's contents, owned by root.
make_ext4()
{
	local dir=$1 image=$2 free=$3 kib inodes

	kib=$(as_root du -sk --apparent-size "$dir" | cut -f1)
	inodes=$(as_root find "$dir" | wc -l)
	truncate -s "$((kib * 5 / 4 / 1024 + inodes * 4 / 1024 + 8 + free))M" "$image"
	as_root mke2fs -q -F -t ext4 -O ^has_journal,^metadata_csum,^64bit \
		-E root_owner=0:0,lazy_itable_init=1,nodiscard -N "$((inodes + 4096))" \
		-d "$dir" "$image"
}

build_root_image()
{
	local image=$1 tmp suite

	[ ! -e "$image" ] || return 0
	say "building the guest's root image (once, about a minute)"
	tmp=$(scratch_dir)
	for suite in "$ROOT_SUITE" "$ROOT_SUITE-updates" "$ROOT_SUITE-security"; do
		apt_line "$suite"
	done | bootstrap "$ROOT_SUITE" "$tmp/root" --variant=minbase \
		--include="$(IFS=,; echo "${ROOT_PACKAGES[*]}")"
	as_root mkdir -p "$tmp/root/payload"
	as_root sh -c ": >'$tmp/root/etc/fstab'; echo guest >'$tmp/root/etc/hostname'"
	make_ext4 "$tmp/root" "$tmp/image" 512
	mkdir -p "$(dirname "$image")"
	mv "$tmp/image" "$image"
	as_root rm -rf "$tmp"
}

# root_image: path of the root image, built when missing.
root_image()
{
	local image

	image=$CACHE/images/root-$(hash_of -- "$(declare -f build_root_image make_ext4)" \
		"${ROOT_PACKAGES[@]}" "$(date +%Y-%m)").ext4
	with_lock root-image build_root_image "$image" >&2
	drop_stale "$CACHE/images/root-" "$image"
	echo "$image"
}

build_module_image()
{
	local image=$1 tmp

	[ ! -e "$image" ] || return 0
	say "building the module image of $VERSION"
	tmp=$(scratch_dir)
	mkdir -p "$tmp/lib/modules" "$(dirname "$image")"
	cp -a "$MODULES" "$tmp/lib/modules/$VERSION"
	rm -f "$tmp/lib/modules/$VERSION"/{build,source,vmlinuz,System.map,config}
	# Plain files: depmod reads them all in every run, and the guest is slow at unpacking.
	find "$tmp/lib/modules" -name '*.ko.xz' -print0 | xargs -0r -n 64 -P "$(nproc)" xz -d
	find "$tmp/lib/modules" -name '*.ko.zst' -print0 | xargs -0r -n 64 -P "$(nproc)" zstd -q -d --rm
	/sbin/depmod -b "$tmp" "$VERSION"
	make_ext4 "$tmp/lib/modules/$VERSION" "$tmp/image" 64
	mv "$tmp/image" "$image.new"
	rm -rf "${image%.ext4}.tree"
	mv "$tmp/lib" "${image%.ext4}.tree"
	mv "$image.new" "$image"
	rm -rf "$tmp"
}

# module_image: path of the kernel's modules as an image; the same tree, with depmod's files,
# stands beside it as *.tree/modules/VERSION.
module_image()
{
	local image

	image=$CACHE/images/modules-$VERSION-$(hash_of -- "$MODULES" \
		"$(find "$MODULES" -type f -printf '%P %s %T@\n' | LC_ALL=C sort)" \
		"$(declare -f build_module_image make_ext4)").ext4
	with_lock "module-image-$VERSION" build_module_image "$image" >&2
	touch "${image%.ext4}.tree"
	drop_stale "$CACHE/images/modules-$VERSION-" "$image"
	echo "$image"
}

# early_module_files TREE: files of EARLY_MODULES and what they need, in loading order.
early_module_files()
{
	local module

	for module in "${EARLY_MODULES[@]}"; do
		/sbin/modprobe --config /dev/null -d "$1" -S "$VERSION" --show-depends "$module" \
			2>/dev/null || true
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

build_initramfs()
{
	local image=$1 tree=$2 tmp file name

	[ ! -e "$image" ] || return 0
	tmp=$(scratch_dir)
	mkdir -p "$tmp/root"/{bin,modules,dev,proc,sys,newroot} "$tmp/base/lib"
	ln -s "$tree/modules" "$tmp/base/lib/modules"
	cp /bin/busybox "$tmp/root/bin/"
	install -m 755 "$TOP/tests/vm/guest/init" "$tmp/root/init"
	for file in $(early_module_files "$tmp/base"); do
		name=$(basename "$file")
		cp "$file" "$tmp/root/modules/"
		printf '%s\n' "$name"
	done >"$tmp/root/modules/order"
	(cd "$tmp/root" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$tmp/image"
	mkdir -p "$(dirname "$image")"
	mv "$tmp/image" "$image"
	rm -rf "$tmp"
}

# initramfs MODULE_IMAGE: path of the initramfs of this kernel.
initramfs()
{
	local image

	image=$CACHE/images/initramfs-$VERSION-$(hash_of "$TOP/tests/vm/guest/init" /bin/busybox -- \
		"$1" "${EARLY_MODULES[@]}" "$(declare -f build_initramfs early_module_files)").cpio
	with_lock "initramfs-$VERSION" build_initramfs "$image" "${1%.ext4}.tree" >&2
	drop_stale "$CACHE/images/initramfs-$VERSION-" "$image"
	echo "$image"
}

# module_index TREE OUT DIR: depmod's files for the kernel's modules plus ours in DIR,
# written with our modules to OUT, to be laid over /lib/modules/VERSION.
module_index()
{
	local tree=$1 out=$2 modules=$3 tmp

	mkdir -p "$out/updates/tmem"
	[ -n "$(find "$modules" -name '*.ko' -print -quit 2>/dev/null)" ] || return 0
	find "$modules" -name '*.ko' -exec cp -t "$out/updates/tmem" {} +
	tmp=$(scratch_dir)
	mkdir -p "$tmp/lib/modules"
	cp -al "$tree/modules/$VERSION" "$tmp/lib/modules/"
	# These are hard links to the cached files: never write through them.
	rm -f "$tmp/lib/modules/$VERSION"/modules.{alias,dep,symbols,softdep,devname,builtin.alias,builtin}*.bin
	rm -f "$tmp/lib/modules/$VERSION"/modules.{alias,dep,symbols,softdep,devname}
	cp -a "$out/updates" "$tmp/lib/modules/$VERSION/"
	/sbin/depmod -b "$tmp" "$VERSION"
	cp "$tmp/lib/modules/$VERSION"/modules.{alias,dep,symbols,softdep,devname}* "$out/"
	rm -rf "$tmp"
}

# payload_image IMAGE BUILD_DIR PROGRAM_DIR MODULE_IMAGE: what one run adds to the guest.
payload_image()
{
	local image=$1 build=$2 programs=$3 tree=${4%.ext4}.tree tmp

	tmp=$(scratch_dir)
	mkdir -p "$tmp/payload"/{modules,root,bin,tests}
	module_index "$tree" "$tmp/payload/modules" "$build/modules"
	[ ! -d "$build/root" ] || cp -a "$build/root/." "$tmp/payload/root/"
	[ ! -d "$programs" ] || cp -a "$programs/." "$tmp/payload/bin/"
	cp -a "$TOP/tests/vm/guest" "$TOP/tests/vm/lib" "$tmp/payload/tests/"
	cp -a "$CASES" "$tmp/payload/tests/cases"
	make_ext4 "$tmp/payload" "$image" 4
	rm -rf "$tmp"
}
