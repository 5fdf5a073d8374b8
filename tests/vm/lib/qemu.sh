# SPDX-License-Identifier: GPL-2.0
# Turns a test's settings into a QEMU command line, and chooses emulator and accelerator.
# shellcheck shell=bash
# Needs common.sh, apt.sh and images.sh.

# to_mib SIZE: 256M, 1G -> MiB.
to_mib()
{
	case $1 in
	*G) echo $((${1%G} * 1024)) ;;
	*M) echo "${1%M}" ;;
	*) die "bad size $1 (want for example 256M or 1G)" ;;
	esac
}

fetch_new_qemu()
{
	local final=$1 version=$2 tmp

	[ ! -e "$final/ok" ] || return 0
	say "fetching QEMU $version"
	tmp=$(scratch_dir)
	{ apt_line bookworm; apt_line bookworm-backports; } |
		bootstrap bookworm "$tmp/root" --variant=extract \
			--include="$(printf '%s/bookworm-backports,' \
				qemu-system-{x86,common,data} seabios)"
	as_root touch "$tmp/root/ok"
	publish "$tmp/root" "$final"
	rm -rf "$tmp"
}

# new_qemu: command prefix of the newest QEMU packaged for this release of Debian.
new_qemu()
{
	local version root

	apt_use bookworm bookworm-backports
	with_lock apt apt_refresh
	version=$(apt_memo apt_versions '^qemu-system-x86$' | tail -n 1 | cut -d' ' -f2)
	root=$CACHE/qemu/$(hash_of -- "$version" "$(declare -f fetch_new_qemu)")
	with_lock new-qemu fetch_new_qemu "$root" "$version" >&2
	printf '%s\n' env "LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu" \
		"QEMU_MODULE_DIR=$root/usr/lib/x86_64-linux-gnu/qemu" \
		"$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios"
}

# emulator: sets QEMU, the command that runs the group's guests. Translating on two threads at
# once needs the newest one: older ones misbehave while the guest patches its functions.
emulator()
{
	QEMU=(qemu-system-x86_64)
	if [ "$THREADS" = multi ] && [ "$ICOUNT" != 1 ]; then
		mapfile -t QEMU < <(new_qemu)
	fi
}

# accelerator: "kvm" when a stock kernel really boots under it here, else "tcg". Cached per boot
# of the host and per kernel.
accelerator()
{
	local answer log

	if [ -n "${TMEM_ACCEL:-}" ]; then
		echo "$TMEM_ACCEL"
		return
	fi
	answer=$CACHE/tmp/accel-$(hash_of /proc/sys/kernel/random/boot_id -- "$VERSION" "$(id -u)")
	if [ ! -s "$answer" ]; then
		log=$(mktemp)
		if [ -w /dev/kvm ] && timeout 20 qemu-system-x86_64 -accel kvm -cpu host -m 512M \
			-nodefaults -no-reboot -display none -serial "file:$log" \
			-kernel "$VMLINUZ" -initrd "$1" \
			-append 'console=ttyS0 quiet panic=-1 tmem.probe' >/dev/null 2>&1 </dev/null &&
			grep -q tmem-probe-ok "$log"; then
			echo kvm >"$answer"
		else
			echo tcg >"$answer"
		fi
		rm -f "$log"
	fi
	cat "$answer"
}

# shared_dir SPACE_MIB FALLBACK: where NVDIMM backing files go; memory when there is room.
shared_dir()
{
	local free

	free=$(df -m --output=avail /dev/shm 2>/dev/null | tail -n 1)
	if [ "${free:-0}" -gt $(($1 * 2)) ]; then
		mktemp -d /dev/shm/tmem.XXXXXXXX
	else
		mkdir -p "$2/nvdimm"
		echo "$2/nvdimm"
	fi
}

# make_media DIR: backing files of the group's NVDIMMs and disks; sets NVDIMM_DIR.
make_media()
{
	local dir=$1 size mib total=0 i=0 label=0

	[ "$LABELS" = 0 ] || label=128
	for size in $NVDIMMS; do
		total=$((total + $(to_mib "$size")))
	done
	NVDIMM_DIR=
	if [ $total -gt 0 ]; then
		NVDIMM_DIR=$(shared_dir $total "$dir")
	fi
	for size in $NVDIMMS; do
		truncate -s "$(($(to_mib "$size") * 1024 + label))K" "$NVDIMM_DIR/$i"
		i=$((i + 1))
	done
	i=1
	for size in $DISKS; do
		mib=$(to_mib "$size")
		truncate -s "${mib}M" "$dir/disk$i"
		i=$((i + 1))
	done
}

# qemu_arguments DIR: sets QEMU_ARGS for the group's settings (CPUS MEM NVDIMMS NODES LABELS DISKS
# APPEND ICOUNT THREADS), the kernel's (MEM_EXTRA KERNEL_APPEND) and the images (ROOT_IMAGE MODULE_IMAGE INITRAMFS PAYLOAD_IMAGE).
qemu_arguments()
{
	local dir=$1 accel size i=0 mem total label='' nodes clock='' serial=${INTERACTIVE:+mon:stdio}
	local cpu='max,-erms,-fsrm,vendor=GenuineIntel,family=6,model=85,stepping=4'

	QEMU_ARGS=()
	if [ "$ICOUNT" = 1 ]; then
		QEMU_ARGS+=(-accel tcg -icount 'shift=0,sleep=off' -seed 1
			-rtc 'base=2026-01-01,clock=vm')
		# Virtual time runs far ahead while the host does I/O for the guest.
		clock='sysctl.kernel.hung_task_timeout_secs=0'
	else
		accel=$(accelerator "$INITRAMFS")
		case $accel in
		kvm) cpu=host ;;
		tcg) accel=tcg,thread=$THREADS ;;
		esac
		QEMU_ARGS+=(-accel "$accel")
	fi
	mem=$(($(to_mib "$MEM") + ${MEM_EXTRA:-0}))
	total=$mem
	QEMU_ARGS+=(-machine 'q35,nvdimm=on,usb=off,vmport=off,hpet=off' -cpu "$cpu" -smp "$CPUS"
		-nodefaults -no-user-config -no-reboot -display none
		-kernel "$VMLINUZ" -initrd "$INITRAMFS"
		-chardev "pipe,id=ctl,path=$dir/ctl" -chardev "file,id=log,path=$dir/log"
		-chardev "pipe,id=monitor,path=$dir/monitor" -mon 'chardev=monitor,mode=control'
		-chardev "pipe,id=guestmon,path=$dir/guestmon"
		-device virtio-serial-pci
		-device 'virtserialport,chardev=ctl,name=tmem.ctl'
		-device 'virtserialport,chardev=log,name=tmem.log'
		-device 'virtserialport,chardev=guestmon,name=tmem.monitor'
		-serial "${serial:-file:$dir/console}")
	add_disk root "$ROOT_IMAGE" snapshot=on
	add_disk modules "$MODULE_IMAGE" snapshot=on
	add_disk payload "$PAYLOAD_IMAGE" readonly=on
	for size in $DISKS; do
		i=$((i + 1))
		add_disk "DISK$i" "$dir/disk$i" cache=unsafe,discard=unmap
	done
	i=0
	[ "$LABELS" = 0 ] || label=,label-size=128K
	read -r -a nodes <<<"$NODES"
	[ -z "$NODES" ] || add_nodes "$mem"
	for size in $NVDIMMS; do
		QEMU_ARGS+=(-object "memory-backend-file,id=m$i,share=on,mem-path=$NVDIMM_DIR/$i,size=$(stat -c %s "$NVDIMM_DIR/$i")"
			-device "nvdimm,id=nvdimm$i,memdev=m$i$label${nodes[$i]:+,node=${nodes[$i]}}")
		total=$((total + $(to_mib "$size") + 1024))
		i=$((i + 1))
	done
	QEMU_ARGS+=(-m "${mem}M,slots=$((i + 1)),maxmem=$((total + 1024))M")
	QEMU_ARGS+=(-append "console=ttyS0 quiet loglevel=4 panic=-1 oops=panic log_buf_len=4M \
no_timer_check watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=60 random.trust_cpu=on cryptomgr.notests \
net.ifnames=0 audit=0 $clock ${KERNEL_APPEND:-} $APPEND")
}

# add_nodes MEM_MIB: three NUMA nodes in a row. The processors and most of the memory are on node 0.
add_nodes()
{
	local node

	QEMU_ARGS+=(-object "memory-backend-ram,id=ram0,size=$(($1 - 256))M"
		-numa "node,nodeid=0,cpus=0-$((CPUS - 1)),memdev=ram0")
	for node in 1 2; do
		QEMU_ARGS+=(-object "memory-backend-ram,id=ram$node,size=128M" -numa "node,nodeid=$node,memdev=ram$node")
	done
	QEMU_ARGS+=(-numa "dist,src=0,dst=1,val=20" -numa "dist,src=0,dst=2,val=40" -numa "dist,src=1,dst=2,val=20")
}

add_disk()
{
	QEMU_ARGS+=(-drive "if=none,id=$1,format=raw,file=$2,$3"
		-device "virtio-blk-pci,drive=$1,serial=$1")
}
