# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC2154 # the parts share variables
# A domain that another kernel driver uses through the IOMMU API: see domain/.

# check_domain: edu and the disk must have no driver.
check_domain() {
	local verdict name count=0 line address number

	context="domain: "
	mark_log
	if ! /usr/lib/nyx/insmod /nyx/nyx_domain_test.ko \
	     device="$EDU,$NVME" 2>/tmp/insmod; then
		not_ok load "$(cat /tmp/insmod)"
		context=
		return
	fi
	log_since_mark | sed -nE 's/.*nyx_domain_test: ((not )?ok) /\1 /p' \
		>/tmp/domain
	while read -r verdict name; do
		count=$((count + 1))
		case $verdict in
		ok) ok "$name" ;;
		*) not_ok "${name#ok }" "the condition in nyx_domain_test.c is false" ;;
		esac
	done </tmp/domain
	check complete "$count checks ran" [ $count -eq 13 ]
	check one-domain-for-both "$(columns "$DEBUGFS/devices" device domain)" \
		[ "$(columns "$DEBUGFS/devices" device domain |
		     grep -E "^($EDU|$NVME) " | cut -d' ' -f2 | sort -u |
		     wc -l)" -eq 1 ]
	mark_log
	check detach-refused "detach did not fail with EBUSY" detach_is_busy
	number=$(columns "$DEBUGFS/domains" domain type |
		sed -n 's/ unmanaged$//p')
	check detach-names-the-domain "$number: $(log_since_mark | tail -n 3)" \
		log_has "nyx: detach: domain $number is still owned by VFIO, IOMMUFD or"
	# The domain still translates DMA.
	line=$(/nyx/stray "$EDU" write)
	address=${line#*address=}
	address=${address%% *}
	# A fault handler needs the address, which QEMU's AMD IOMMU does not report.
	if [ "$VENDOR" = amd ]; then
		check_fault fault-is-shown "$EDU" write "$address"
	else
		check handler-is-called "$(log_since_mark | tail -n 3)" \
			until_true log_has "handler $EDU $address write right"
	fi
	check rmmod-user "nyx_domain_test is still loaded" rmmod nyx_domain_test
	check detach-after-it "$(log_since_mark | tail -n 3)" detach
	check rmmod-after-it "the module is still loaded" rmmod nyx_iommu
	check leaves-nothing "resources are left over" nothing_left
	check load-after-it "$(cat /tmp/insmod)" nyx_load
	context=
}
