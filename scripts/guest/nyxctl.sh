# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# The tool nyxctl with the module itself. scripts/nyxctl/tests tests what it prints.

# check_code NAME CODE ARGUMENT...: nyxctl ends with the exit code.
check_code() {
	local name=$1 code=$2 got=0

	shift 2
	nyxctl "$@" >/tmp/nyxctl 2>&1 || got=$?
	check "$name" "exit code $got: $(tail -n 3 /tmp/nyxctl)" [ "$got" = "$code" ]
}

said() {
	grep -qE "$1" /tmp/nyxctl
}

state_of() {
	columns "$DEBUGFS/devices" device state | sed -n "s/^$1 //p"
}

check_nyxctl_tables() {
	local table rows

	for table in units devices domains interrupts faults quarantine policy forensics; do
		check_code "$table" 0 --no-header $table
		rows=$(($(wc -l <"$DEBUGFS/$table") - 1))
		check "$table-is-complete" "$(wc -l </tmp/nyxctl) of $rows rows" \
			[ "$(wc -l </tmp/nyxctl)" = "$rows" ]
	done
}

check_nyxctl_control() {
	check_code disable 0 disable "$EDU"
	check disabled "$(state_of "$EDU")" [ "$(state_of "$EDU")" = DISABLED ]
	check_code status-needs-attention 1 status
	check status-names-device "$(cat /tmp/nyxctl)" said "^attention .*reset $EDU"
	check_code doctor-needs-attention 1 doctor
	check doctor-names-device "$(cat /tmp/nyxctl)" said "^attention +devices +$EDU is cut off"
	check doctor-names-fault "$(cat /tmp/nyxctl)" said "^attention +faults .*hour: $EDU"
	check doctor-names-group "$(cat /tmp/nyxctl)" said '^note +groups .* is a bridge to conventional'
	check_code reset 0 reset "$EDU"
	check active "$(state_of "$EDU")" [ "$(state_of "$EDU")" = ACTIVE ]
	check_code unknown-device 5 reset 0000:ff:1f.7
	check unknown-device-is-named "$(cat /tmp/nyxctl)" said "no unit serves 0000:ff:1f.7"
	# The module takes one that follows all the same.
	check_code one-of-two 5 disable 0000:ff:1f.7 "$EDU"
	check second-disabled "$(state_of "$EDU")" [ "$(state_of "$EDU")" = DISABLED ]
	check_code reset-again 0 reset "$EDU"
	check_code policy 0 policy set "$EDU" max_faults=77 action=log
	check_code policy-get 0 policy get "$EDU"
	check policy-is-set "$(cat /tmp/nyxctl)" said "^$EDU  max_faults=77 .*action=log"
	check_code wrong-policy 2 policy set "$EDU" action=never
	check_code forensics 0 forensics hunt "$EDU"
	check forensics-is-set "$(recording_of "$EDU")" \
		sh -c "case '$(recording_of "$EDU")' in 'hunt '*) ;; *) false ;; esac"
	check_code wrong-forensics 2 forensics perhaps
	check_code forensics-off 0 forensics off
}

check_nyxctl_faults() {
	local follower

	nyxctl --json faults --follow >/tmp/followed &
	follower=$!
	err address address=0x1234500000
	check fault-is-followed "$(cat /tmp/followed)" \
		until_true grep -q "\"device\":\"$EDU\"" /tmp/followed
	kill $follower
	wait $follower 2>/dev/null
	check_code explain 0 explain
	check explains-device "$(cat /tmp/nyxctl)" said "^what .*$EDU"
	check explains-cause "$(cat /tmp/nyxctl)" said '^cause +[A-Z]'
}

no_fault_arrives() {
	local before

	before=$(faults_of "$1")
	sleep 0.3
	[ "$(faults_of "$1")" = "$before" ]
}

# Between two snapshots a fault occurs and a policy is changed, and nothing else.
check_nyxctl_snapshot() {
	local changes before

	before=$(faults_of "$EDU")
	check_code snapshot 0 snapshot /tmp/before.json
	check_code snapshot-same 0 snapshot --diff /tmp/before.json /tmp/before.json
	err address address=0x1234600000
	check fault-is-read "$before faults as before" until_true has_more_faults "$EDU" "$before"
	# An AMD unit of QEMU logs several hundred for one access.
	check faults-end "$(faults_of "$EDU") faults" until_true no_fault_arrives "$EDU"
	check_code snapshot-policy 0 policy set "$EDU" max_faults=78
	check_code snapshot-again 0 snapshot /tmp/after.json
	check_code snapshot-diff 1 snapshot --diff /tmp/before.json /tmp/after.json
	changes=$(sed -n '/^changes$/,/^counters$/s/^  //p' /tmp/nyxctl)
	check diff-names-policy "$changes" said "^  policy $EDU: max_faults was .*, is 78$"
	check diff-names-fault "$changes" said "^  fault .* is new: $EDU, "
	changes=$(echo "$changes" | grep -v -e "^fault .* is new: $EDU, " -e "^policy $EDU: max_faults")
	check diff-names-nothing-else "$changes" [ -z "$changes" ]
	check diff-has-counters "$(cat /tmp/nyxctl)" \
		said "^  device $EDU: faults \\+$(($(faults_of "$EDU") - before))\$"
	check_code show-snapshot 0 --snapshot=/tmp/after.json --no-header faults
	mv /tmp/nyxctl /tmp/shown
	check_code show-module 0 --no-header faults
	check snapshot-shows-the-same "$(diff /tmp/shown /tmp/nyxctl)" \
		cmp -s /tmp/shown /tmp/nyxctl
	check_code report 0 report
	# Nor does it report the address.
	check report-names-fault "$(cat /tmp/nyxctl)" said "$EDU .*(0x0000001234600000| - )"
	check report-has-time "$(cat /tmp/nyxctl)" said '^period +[0-9]{4}-'
	check_code report-page 0 report --html /tmp/before.json /tmp/after.json
	check page-names-change "$(grep max_faults /tmp/nyxctl)" \
		said "policy $EDU: max_faults was .*, is 78<"
	rm -f /tmp/before.json /tmp/after.json /tmp/shown
}

# A fault is among the rates of the interval in which it is read, and in the metrics.
check_nyxctl_live() {
	local watcher faults

	check_code top 0 --no-header top --interval 0.2 --count 1 --sort device
	check top-shows-device "$(cat /tmp/nyxctl)" said "^$EDU +[0-9]+ .* ACTIVE"
	nyxctl --json top --interval 0.2 >/tmp/watched &
	watcher=$!
	check top-has-begun "$(cat /tmp/watched)" until_true test -s /tmp/watched
	err address address=0x1234500000
	check top-shows-fault "$(grep -o "\"device\":\"$EDU\"[^}]*" /tmp/watched | tail -n 3)" \
		until_true grep -q "\"device\":\"$EDU\"[^}]*\"faults_per_s\":[0-9.]*[1-9]" /tmp/watched
	kill $watcher
	wait $watcher 2>/dev/null
	check_code export-textfile 0 export --textfile /tmp/nyx.prom
	faults=$(columns "$DEBUGFS/devices" device faults | sed -n "s/^$EDU //p")
	check has-faults "$faults" [ "$faults" -gt 0 ]
	check exports-faults "$(grep "_faults_total" /tmp/nyx.prom)" \
		grep -q "^nyx_device_faults_total{device=\"$EDU\",unit=\"[a-z]*0\"} $faults\$" /tmp/nyx.prom
	check exports-state "$(grep "^nyx_up" /tmp/nyx.prom)" grep -q '^nyx_up 1$' /tmp/nyx.prom
}

# Where everybody may write, a link of another user is not followed.
check_nyxctl_links() {
	echo 1 >/proc/sys/fs/protected_symlinks
	mkdir -m 1777 /tmp/shared
	echo old >/tmp/old.prom
	ln -s /tmp/old.prom /tmp/shared/link.prom
	check_code own-link 0 export --textfile /tmp/shared/link.prom
	check own-link-is-followed "$(cat /tmp/old.prom)" grep -q '^nyx_up 1$' /tmp/old.prom
	echo old >/tmp/old.prom
	chown -h 65534:65534 /tmp/shared/link.prom
	check_code link-of-another-user 4 export --textfile /tmp/shared/link.prom
	check link-is-not-followed "$(cat /tmp/old.prom)" grep -qx old /tmp/old.prom
	rm -r /tmp/shared /tmp/old.prom
}

# fetch_metric REGEX: the exporter serves a line.
fetch_metric() {
	wget -q -O /tmp/fetched http://127.0.0.1:9843/metrics && grep -qE "$1" /tmp/fetched
}

# The exporter does not prevent the unload, and says that the module is gone.
check_nyxctl_served() {
	local server code=0

	ip link set lo up
	nyxctl export --listen >/tmp/served 2>&1 &
	server=$!
	check serves "$(cat /tmp/served)" until_true fetch_metric '^nyx_up 1$'
	check serves-device "$(grep -c . /tmp/fetched) lines" \
		fetch_metric "^nyx_device_state\{device=\"$EDU\",.*state=\"active\"} 1\$"
	check_unload
	check serves-absence "$(cat /tmp/fetched)" fetch_metric '^nyx_up 0$'
	kill $server
	wait $server || code=$?
	check serves-until-the-end "exit code $code: $(cat /tmp/served)" [ $code = 0 ]
}

# check_driver NAME DEVICE DRIVER
check_driver() {
	check "$1" "$(driver_of "$2")" [ "$(driver_of "$2")" = "$3" ]
}

# overrides: prints the drivers that devices are limited to, and what nyxctl recorded.
overrides() {
	grep -lv '^(null)$' "$PCI"/*/driver_override
	ls /run/nyxctl 2>/dev/null
}

# A disk in use and a card with a route are refused, and nothing changes.
check_nyxctl_refusals() {
	local disk card

	disk=$(block_device "$NVME")
	card=$(ls "$PCI/$IGB/net")
	mkswap "$disk" >/dev/null
	swapon "$disk"
	check_code swap 5 assign --yes "$NVME"
	check swap-is-named "$(cat /tmp/nyxctl)" said "in use: ${disk##*/} is used for swapping"
	check_driver swap-keeps-driver "$NVME" nvme
	swapoff "$disk"
	# A process has opened the disk.
	check_code opened 5 assign --yes "$NVME" 3<"$disk"
	check opened-is-named "$(cat /tmp/nyxctl)" said "in use: process .* has opened $disk"
	ip address add 10.1.1.1/24 dev "$card"
	ip link set "$card" up
	check_code route 5 assign --yes "$IGB"
	check route-is-named "$(cat /tmp/nyxctl)" said "in use: .* has a network route"
	check address-is-named "$(cat /tmp/nyxctl)" said "in use: .* has the address 10.1.1.1"
	check_driver route-keeps-driver "$IGB" igb
	ip address flush dev "$card"
	check_code nobody-answers 2 assign "$IGB"
	check_driver unanswered-keeps-driver "$IGB" igb
	check_code no-device 5 assign --yes 0000:ff:1f.7
	check_code not-assigned 5 release "$IGB"
	check refusals-change-nothing "$(overrides)" [ -z "$(overrides)" ]
}

# in_namespace PID DEVICE: moves the device's interface to the namespace of the process, once
# it has one of its own.
in_namespace() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
		ip link set "$(netdev_of "$2")" netns "$1"
}

# The interface is in the namespace of a process, as that of a container is.
check_nyxctl_namespace() {
	local sleeper card

	card=$(netdev_of "$IGB")
	unshare -n sleep 1000 &
	sleeper=$!
	until_true grep -qx sleep /proc/$sleeper/comm
	check moves "$card did not move" until_true in_namespace $sleeper "$IGB"
	check_code namespace 5 assign --yes "$IGB"
	check namespace-is-named "$(cat /tmp/nyxctl)" \
		said "in use: $card is in the network namespace of process $sleeper:sleep"
	check_driver namespace-keeps-driver "$IGB" igb
	kill $sleeper
	wait $sleeper 2>/dev/null
	check returns "$card did not return" until_true has_netdev "$IGB"
}

# Devices in use are given away all the same, and work when they have returned.
check_nyxctl_force() {
	local disk card

	disk=$(block_device "$NVME")
	card=$(netdev_of "$IGB")
	ip address add 10.1.1.1/24 dev "$card"
	ip link set "$card" up
	check_code force 0 assign --yes --force "$NVME" "$IGB" 3<"$disk"
	check force-names-process "$(cat /tmp/nyxctl)" said "in use: process .* has opened $disk"
	check force-names-address "$(cat /tmp/nyxctl)" said "in use: $card has the address 10.1.1.1"
	check_driver forced-disk "$NVME" vfio-pci
	check_driver forced-card "$IGB" vfio-pci
	check_code force-release 0 release "$NVME" "$IGB"
	check_driver force-released-disk "$NVME" nvme
	check_driver force-released-card "$IGB" igb
	check_disk force-released "$NVME" 2
	check_network
	check force-restores-all "$(overrides)" [ -z "$(overrides)" ]
}

# Kernels without containers of VFIO check a group by IOMMUFD. Stock kernels have none.
check_nyxctl_iommufd() {
	has_iommufd || return 0
	mv /dev/vfio/vfio /dev/vfio/hidden
	check_code iommufd 0 assign --yes "$IGB"
	check iommufd-checks "$(cat /tmp/nyxctl)" fails said "not checked"
	check_driver iommufd-assigned "$IGB" vfio-pci
	sleep 1000 3<>"/dev/vfio/devices/$(ls "$PCI/$IGB/vfio-dev")" &
	check_code iommufd-held 5 release "$IGB"
	kill $!
	wait $! 2>/dev/null
	check_code iommufd-release 0 release "$IGB"
	check_driver iommufd-released "$IGB" igb
	mv /dev/vfio/hidden /dev/vfio/vfio
}

# Firmware reserved memory for a device: VFIO refuses it, unless a parameter relaxes that.
check_nyxctl_reserved() {
	context="nyxctl, reserved memory: "
	load_with make_reserved_table || return
	check_code reserved 5 assign --yes "$EDU"
	check reserved-is-explained "$(cat /tmp/nyxctl)" \
		said "VFIO refuses $EDU: firmware reserved memory .*relax_reserved"
	check reserved-is-undone "$(overrides)" [ -z "$(overrides)" ]
	check reserved-has-no-driver "$(driver_of "$EDU")" is_unbound "$EDU"
	if has_iommufd; then
		mv /dev/vfio/vfio /dev/vfio/hidden
		check_code reserved-by-iommufd 5 assign --yes "$EDU"
		check reserved-by-iommufd-is-explained "$(cat /tmp/nyxctl)" \
			said "VFIO refuses $EDU: firmware reserved memory .*relax_reserved"
		mv /dev/vfio/hidden /dev/vfio/vfio
	fi
	nyxctl doctor >/tmp/nyxctl 2>&1
	check doctor-names-reserved "$(cat /tmp/nyxctl)" \
		said "^note .*VFIO refuses group $(group_of "$EDU") \($EDU\)"
	check reserved-unloads "the module is still loaded" unload
	load_with make_reserved_table relax_reserved="${EDU#0000:}" || return
	nyxctl doctor >/tmp/nyxctl 2>&1
	check doctor-names-relaxed "$(cat /tmp/nyxctl)" said "^note .*relax_reserved=${EDU#0000:}"
	if [ "$VENDOR" = amd ]; then
		# The table names no I/O APIC.
		check_code relaxed 5 assign --yes "$EDU"
		check relaxed-has-no-remapping "$(cat /tmp/nyxctl)" said 'does not remap interrupts'
	else
		check_code relaxed 0 assign --yes "$EDU"
		check_driver relaxed-is-assigned "$EDU" vfio-pci
		check_code relaxed-release 0 release "$EDU"
	fi
	check relaxed-unloads "the module is still loaded" unload
	table_restore
	context="nyxctl: "
}

check_nyxctl_assign() {
	local group holder

	check_code assign 0 assign --yes --print qemu "${IGB#0000:}"
	check_driver assigned "$IGB" vfio-pci
	check prints-line "$(cat /tmp/nyxctl)" said "^-device vfio-pci,host=$IGB\$"
	check_code assign-again 0 assign --yes --print libvirt "$IGB"
	check prints-domain "$(cat /tmp/nyxctl)" said "<address domain='0x0000' bus='0x03' "
	check_code assign-third 0 assign --yes --print cloud-hypervisor "$IGB"
	check prints-path "$(cat /tmp/nyxctl)" said "^--device path=$PCI/$IGB/\$"
	group=$(group_of "$IGB")
	sleep 1000 3<>"/dev/vfio/$group" &
	holder=$!
	until_true grep -qx sleep /proc/$holder/comm
	check_code list 0 --no-header list
	check list-names-process "$(cat /tmp/nyxctl)" \
		said "^$IGB +$group +$holder:sleep +igb "
	check_code held 5 release "$IGB"
	check held-is-explained "$(cat /tmp/nyxctl)" said "process $holder:sleep has $IGB"
	check_code held-by-another 5 assign --yes "$IGB"
	check holder-is-named "$(cat /tmp/nyxctl)" said "process $holder:sleep has group $group"
	check_driver held-stays "$IGB" vfio-pci
	kill $holder
	wait $holder 2>/dev/null
	check_code release 0 release "$IGB"
	check_driver released "$IGB" igb
	check_code list-is-empty 0 --no-header list
	check nothing-listed "$(cat /tmp/nyxctl)" [ ! -s /tmp/nyxctl ]
	check release-restores-all "$(overrides)" [ -z "$(overrides)" ]
}

# The group's file has another path, such as in a container.
check_nyxctl_bind_mount() {
	local holder

	check_code mounted-assign 0 assign --yes "$IGB"
	: >/tmp/group
	mount -o bind "/dev/vfio/$(group_of "$IGB")" /tmp/group
	sleep 1000 3<>/tmp/group &
	holder=$!
	until_true grep -qx sleep /proc/$holder/comm
	check_code mounted-held 5 release "$IGB"
	check mounted-is-explained "$(cat /tmp/nyxctl)" said "process $holder:sleep has $IGB"
	kill $holder
	wait $holder 2>/dev/null
	umount /tmp/group
	check_code mounted-release 0 release "$IGB"
}

# A driver that does not bind again: the device stays assigned, or can be released later.
check_nyxctl_stranded() {
	check_code stranded-assign 0 assign --yes "$IGB"
	echo no_driver >"/run/nyxctl/$IGB"
	check_code stranded-fails 5 release "$IGB"
	check stranded-is-explained "$(cat /tmp/nyxctl)" \
		said "the driver no_driver did not bind $IGB again"
	check_driver stranded-is-assigned-again "$IGB" vfio-pci
	echo igb >"/run/nyxctl/$IGB"
	unbind "$IGB"
	check_code stranded-list 0 list
	check stranded-is-listed "$(cat /tmp/nyxctl)" said "^$IGB has no driver: run nyxctl release"
	check_code stranded-release 0 release "$IGB"
	check_driver stranded-is-released "$IGB" igb
	check stranded-restores-all "$(overrides)" [ -z "$(overrides)" ]
}

# Devices below a bridge to conventional PCI are in one group.
check_nyxctl_group() {
	check_code group 0 assign --yes "$EDU_BRIDGED"
	check group-is-explained "$(cat /tmp/nyxctl)" said 'is a bridge to conventional PCI'
	check_code group-list 0 --no-header list
	check group-is-assigned "$(cat /tmp/nyxctl)" [ "$(wc -l </tmp/nyxctl)" = 2 ]
	# shellcheck disable=SC2046 # word splitting is intended
	check_code group-release 0 release $(awk '{ print $1 }' /tmp/nyxctl)
	check group-restores-all "$(overrides)" [ -z "$(overrides)" ]
}

# VFIO refuses the device, because interrupts may bypass the unit. The driver returns.
check_nyxctl_undone() {
	nyx_load adopt_interrupts=0
	bind "$IGB"
	check_code undone 5 assign --yes "$IGB"
	check undone-is-explained "$(cat /tmp/nyxctl)" \
		said 'VFIO refuses .*compat_interrupts=block'
	nyxctl doctor >/tmp/nyxctl 2>&1
	check doctor-names-bypass "$(cat /tmp/nyxctl)" \
		said '^attention +bypass .*\(adopt_interrupts=0\)'
	check_driver undone-returns-driver "$IGB" igb
	check undone-restores-all "$(overrides)" [ -z "$(overrides)" ]
	unbind_workers
	unload
}

# The driver was bound when the module was loaded, so the group is not known before it is
# unbound.
check_nyxctl_waiting() {
	bind "$IGB"
	nyx_load
	check is-waiting "$(columns "$DEBUGFS/devices" device managed)" \
		sh -c "grep -q '^$IGB .* waiting ' $DEBUGFS/devices"
	check_code waiting 0 assign --yes "$IGB"
	check_driver waiting-is-assigned "$IGB" vfio-pci
	check_code waiting-release 0 release "$IGB"
	check_driver waiting-is-released "$IGB" igb
	unbind_workers
	unload
}

check_nyxctl() {
	context="nyxctl: "
	check_code absent 3 status
	check absent-is-explained "$(cat /tmp/nyxctl)" said 'modprobe nyx_iommu'
	check_firmware
	if ! nyx_load; then
		not_ok load "$(cat /tmp/insmod; dmesg | tail -n 2)"
		return
	fi
	bind_workers
	unbind "$EDU"
	check_code status 0 status
	check_code doctor 0 doctor
	check_nyxctl_faults
	check_nyxctl_snapshot
	check_nyxctl_live
	check_nyxctl_links
	check_nyxctl_tables
	check_nyxctl_control
	check_nyxctl_refusals
	check_nyxctl_namespace
	check_uses
	check_nyxctl_assign
	check_nyxctl_bind_mount
	check_nyxctl_stranded
	check_nyxctl_force
	check_nyxctl_iommufd
	check_nyxctl_group
	check_nyxctl_served
	[ "$VENDOR" = amd ] || check_nyxctl_undone
	check_nyxctl_waiting
	check_nyxctl_reserved
	check_code absent-again 3 units
	context=
}
