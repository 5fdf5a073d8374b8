#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is installed beside the tool: completion, man page, modprobe rule, udev rule, dkms.
. "$(dirname "$0")/lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd -P)

# completes WORDS... : the possible completions of the last word, in one line.
completes()
{
	COMP_WORDS=(tmem-pmem-ctl "$@")
	COMP_CWORD=$#
	PATH=$TOOL:$PATH _tmem_pmem_ctl
	echo "${COMPREPLY[*]}"
}

test_completion()
{
	local verb option

	. "$top/tools/tmem-pmem-ctl/completion.bash"
	add_device pmem0
	add_device pmem1
	mkdir -p "$TMEM_SYSFS"/bus/nd/devices/{region0,region1,namespace0.0}
	is_equal "$(completes st)" 'status stats'
	is_equal "$(completes format /dev/)" '/dev/pmem0 /dev/pmem1'
	is_equal "$(completes attach pmem1)" 'pmem1'
	is_equal "$(completes format --)" '--force --label'
	is_equal "$(completes format --label '')" ''
	is_equal "$(completes create-namespace -r '')" 'region0 region1'
	is_equal "$(completes create-namespace -M '')" 'mem dev'
	is_equal "$(completes destroy name)" 'namespace0.0'
	is_equal "$(completes help dr)" 'drain'
	is_equal "$(completes help drain '')" ''
	# A device may be named by its namespace, and is named once.
	for verb in format attach detach marks resize share check destroy; do
		is_equal "$(completes "$verb" '')" '/dev/pmem0 pmem0 /dev/pmem1 pmem1 namespace0.0'
	done
	is_equal "$(completes marks pmem0 '')" ''
	is_equal "$(completes share pmem0 '')" ''
	is_equal "$(completes resize namespace0.0 '')" 'max'
	is_equal "$(completes limit /system.slice '')" 'max'
	mkdir -p "$TMEM_SYSFS"/fs/cgroup/{a.slice/b,system.slice}
	is_equal "$(cd / && completes limit '')" 'a.slice system.slice'
	is_equal "$(completes limit /)" '/a.slice /system.slice'
	is_equal "$(completes limit a.slice/)" 'a.slice/b'
	is_equal "$(completes limit /a)" '/a.slice'
	is_equal "$(completes limit "$TMEM_SYSFS/fs/cgroup/sys")" "$TMEM_SYSFS/fs/cgroup/system.slice"
	for option in 'top -d' 'top --delay' 'top -n' 'top --lines' 'stats -w' 'stats --watch' 'stats -n' 'stats --lines'; do
		# shellcheck disable=SC2086
		is_equal "$(completes $option '')" ''
	done
	is_equal "$(completes attach --)" '--all'
	is_equal "$(completes stats --)" '--json --openmetrics --watch --lines'
	# every verb of the help, and no other
	is_equal "$(completes '' | tr ' ' '\n')" "$(verbs | cut -d' ' -f1 | uniq)"
	is_equal "$(completes ssd '' | tr ' ' '\n')" "$(verbs | sed -n 's/^ssd //p')"
	is_equal "$(completes help ssd '')" "$(completes ssd '')"
	is_equal "$(completes ssd format --)" '--force --label'
}

# verbs: one a line; those of SSDs have two words.
verbs() { "$TOOL/tmem-pmem-ctl" help | sed -n 's/^  \(ssd [a-z]*\|[a-z][a-z-]*\) .*/\1/p'; }

# Every verb and every option has its place in the man page.
test_man_page()
{
	local page=$top/tools/tmem-pmem-ctl/tmem-pmem-ctl.8 verb option words

	while read -r verb; do
		read -ra words <<<"$verb"
		grep -q "^\.SS ${verb//-/\\\\\\-}" "$page" || wrong "no section on $verb"
		for option in $("$TOOL/tmem-pmem-ctl" help "${words[@]}" |
				grep -oE -- '(^| )--[a-z]+'); do
			sed -n "/^\.SS ${verb//-/\\\\-}/,/^\.S/p" "$page" |
				grep -q -- "${option//-/\\\\-}" || wrong "$verb: no $option"
		done
	done < <(verbs; echo autoattach)
	is_equal "$(groff -man -Tascii -ww "$page" 2>&1 >/dev/null)" ''
}

# install_rule STATUS-OF-MODPROBE STATUS-OF-TOOL: run the modprobe rule; sets $out, $status.
install_rule()
{
	local rule

	printf '#!/bin/sh\necho modprobe "$@"\nexit %s\n' "$1" >"$tree/modprobe"
	printf '#!/bin/sh\necho tool "$@"\nexit %s\n' "$2" >"$tree/tmem-pmem-ctl"
	chmod +x "$tree/modprobe" "$tree/tmem-pmem-ctl"
	rule=$(sed -n 's/^install tmem_pmem //p' "$top/modprobe.d/tmem.conf" |
		sed "s,/sbin/modprobe,$tree/modprobe,g; s,@SBINDIR@,$tree,g;
		     s/\$CMDLINE_OPTS/devices=pmem0/")
	status=0
	out=$(sh -c "$rule") || status=$?
}

test_modprobe_rule()
{
	install_rule 0 0
	is_equal "$status $(xargs <<<"$out")" \
		'0 modprobe --ignore-install tmem_pmem devices=pmem0 tool autoattach'
	install_rule 0 1
	is_equal "$status" 0
	install_rule 1 0
	is_equal "$status $out" '1 modprobe --ignore-install tmem_pmem devices=pmem0'
}

# event KERNEL FACT...: what the udev rule does for a block device, in one line.
event()
{
	local kernel=$1

	shift
	"$(dirname "$0")/udev_rules.py" "$top/udev/90-tmem.rules" SUBSYSTEM=block "KERNEL=$kernel" \
		'TEST{/sys/module/tmem_ssd}=1' 'TEST{/sys/module/tmem_pmem}=1' "$@" 2>&1 |
		sed 's,@SBINDIR@/tmem-pmem-ctl ,,' | xargs
}

test_udev_rule()
{
	local ssd='ssd autoattach /dev/%k' active='ATTR{md/array_state}=active'

	is_equal "$(event pmem0 ACTION=add 'ENV{DEVTYPE}=disk')" 'autoattach /dev/%k'
	is_equal "$(event sda3 ACTION=add)" "$ssd"
	is_equal "$(event sda3 ACTION=add 'ENV{ID_FS_USAGE}=filesystem')" ''
	is_equal "$(event sda3 ACTION=change)" ''
	is_equal "$(event sda ACTION=add 'ENV{DM_MULTIPATH_DEVICE_PATH}=1')" ''
	is_equal "$(event sda ACTION=add 'ENV{DM_MULTIPATH_DEVICE_PATH}=0')" "$ssd"
	is_equal "$(event dm-0 ACTION=add)" ''
	is_equal "$(event dm-0 ACTION=change 'ENV{DM_ACTIVATION}=1' 'ENV{DM_SUSPENDED}=0')" "$ssd"
	is_equal "$(event dm-0 ACTION=change 'ENV{DM_ACTIVATION}=1' 'ENV{DM_SUSPENDED}=1')" ''
	is_equal "$(event dm-0 ACTION=change 'ENV{DM_ACTIVATION}=1' 'ENV{DM_UDEV_DISABLE_OTHER_RULES_FLAG}=1')" ''
	# An array is there before it is started, and changes when somebody has written to it.
	is_equal "$(event md0 ACTION=add 'ENV{DEVTYPE}=disk' 'ATTR{md/array_state}=clear')" 'TMEM_ARRAY='
	is_equal "$(event md0 ACTION=change 'ENV{DEVTYPE}=disk' "$active")" "$ssd TMEM_ARRAY=started"
	is_equal "$(event md0 ACTION=change 'ENV{DEVTYPE}=disk' "$active" 'DB{TMEM_ARRAY}=started')" \
		'TMEM_ARRAY=started'
	is_equal "$(event md0 ACTION=change 'ENV{DEVTYPE}=disk' 'ATTR{md/array_state}=inactive' \
		'DB{TMEM_ARRAY}=started')" 'TMEM_ARRAY='
	is_equal "$(event md0p1 ACTION=add 'ENV{DEVTYPE}=partition')" "$ssd TMEM_ARRAY="
	is_equal "$(event sda3 ACTION=remove)" ''
}

test_install()
{
	local prefix=/opt/x file

	make -s -C "$top/tools" O="$(dirname "$TOOL")" install-user DESTDIR="$tree/root" \
		PREFIX=$prefix >"$tree/out" 2>&1 || wrong "$(cat "$tree/out")"
	for file in sbin/tmem-pmem-ctl share/man/man8/tmem-pmem-ctl.8 \
		share/bash-completion/completions/tmem-pmem-ctl lib/udev/rules.d/90-tmem.rules \
		lib/modprobe.d/tmem.conf; do
		[ -s "$tree/root$prefix/$file" ] || wrong "no $file"
	done
	! grep -r @SBINDIR@ "$tree/root$prefix/lib" || wrong 'a path is not filled in'
	grep -q "RUN+=\"$prefix/sbin/tmem-pmem-ctl autoattach" \
		"$tree/root$prefix/lib/udev/rules.d/90-tmem.rules" || wrong 'udev rule'
}

test_dkms()
{
	local kernel dir i

	make -s -C "$top/tools" dkms-source DESTDIR="$tree/root" >"$tree/out" 2>&1 ||
		wrong "$(cat "$tree/out")"
	# shellcheck disable=SC2034
	(
		kernelver=6.12.57+deb13-amd64
		# shellcheck source=/dev/null
		. "$tree"/root/usr/src/tmem-*/dkms.conf
		cd "$tree"/root/usr/src/tmem-"$PACKAGE_VERSION" || exit 1
		[ "${BUILT_MODULE_NAME[*]}" = 'tmem tmem_pmem tmem_ssd' ] || exit 1
		for i in "${!BUILT_MODULE_NAME[@]}"; do
			[ -d "${BUILT_MODULE_LOCATION[i]}" ] && [ "${DEST_MODULE_LOCATION[i]}" ] || exit 1
			grep -q "\<${BUILT_MODULE_NAME[i]}\.o" "${BUILT_MODULE_LOCATION[i]}/Kbuild" || exit 1
		done
		dirs=()
		read -ra dirs -d '' < <(sed -n 's/^obj-.*+= //p' Kbuild)
		[ ${#dirs[@]} -ge 3 ] && [ -d "${dirs[0]}" ] || exit 1
		for dir in "${dirs[@]}"; do
			[ -d "$dir" ] || exit 1
		done
		for kernel in 6.12.57+deb13-amd64 6.1.0-44-amd64 7.2+deb14-amd64 6.12; do
			[[ $kernel =~ $BUILD_EXCLUSIVE_KERNEL ]] || exit 1
		done
		for kernel in 6.18.1 6.10.2-amd64 6.120.1 7.20; do
			[[ ! $kernel =~ $BUILD_EXCLUSIVE_KERNEL ]] || exit 1
		done
	) || wrong 'dkms.conf does not fit the tree'
}

# The build for tests looks elsewhere if it is told so; the product must not.
test_product_ignores_environment()
{
	! strings "$TOOL/tmem-pmem-ctl" | grep -qE '^TMEM_(SYSFS|ROOT|DEV|PROC)$' ||
		wrong 'the product reads the environment'
}

run_tests
