# SPDX-License-Identifier: GPL-2.0
# Everything one kernel's guests need, before the first boot: kernel, modules, images, payload.
# shellcheck shell=bash
# Needs common.sh, apt.sh and images.sh; RUN_DIR (scratch of this run).

# build_programs: test programs for the guest, static so that they run anywhere.
build_programs()
{
	local out=$CACHE/programs source name tmp

	out=$out/$(hash_of "$TOP"/tests/vm/prog/*.[ch] -- "$(gcc -dumpfullversion)")
	if [ ! -e "$out" ]; then
		tmp=$(scratch_dir)
		for source in "$TOP"/tests/vm/prog/*.c; do
			name=$(basename "$source" .c)
			gcc -O2 -Wall -Wextra -static -pthread -o "$tmp/$name" "$source" ||
				die "cannot build $name"
		done
		chmod 755 "$tmp"
		publish "$tmp" "$out"
	fi
	echo "$out"
}

# prepare_kernel SERIES DEBUG_KERNEL: sets the kernel's description and ROOT_IMAGE, MODULE_IMAGE,
# INITRAMFS. A description must hold VERSION VMLINUZ MODULES KDIR, and may hold GCC_MAJOR SUITE
# (compiler), KERNEL_APPEND (boot options), MEM_EXTRA (MiB more a guest), SLOW (factor on limits).
prepare_kernel()
{
	local series=$1 debug=$2 description

	"$TOP/scripts/setup"
	KERNEL_ENV=
	if [ -n "$debug" ]; then
		KERNEL_ENV=$debug/kernel.env
		description=$(cat "$KERNEL_ENV")
	else
		description=$("$TOP/scripts/kernel" "$series")
	fi
	MEM_EXTRA=0 KERNEL_APPEND='' SLOW=1
	eval "$description"
	SERIES=$series
	ROOT_IMAGE=$(root_image)
	MODULE_IMAGE=$(module_image)
	INITRAMFS=$(initramfs "$MODULE_IMAGE")
	[ "$(accelerator "$INITRAMFS")" != kvm ] || say "guests run under KVM"
}

# payload_path MAKE_VARIABLES: where the payload with modules built that way is kept.
payload_path() { printf '%s\n' "$RUN_DIR/payload-$SERIES-$(hash_of -- "$1").ext4"; }

# prepare_payload MAKE_VARIABLES BUILD: build the modules (or take those in BUILD) and pack them
# with tests and programs.
prepare_payload()
{
	local variables=() build=$2 programs

	read -ra variables <<<"$1"
	if [ -z "$build" ]; then
		build=$(TMEM_KERNEL_ENV=$KERNEL_ENV "$TOP/scripts/build" "$SERIES" "${variables[@]}")
	fi
	programs=$(build_programs)
	payload_image "$(payload_path "$1")" "$build" "$programs" "$MODULE_IMAGE"
}
