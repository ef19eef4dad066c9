# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2154,SC2317 # the parts share variables; checks are called by name
# Prometheus reads the exporter of the module, with the configuration of
# Documentation/metrics.md and the rules that are shipped, until a fault raises an alert.

# prometheus_api PATH: prints the answer, with a line for each result or alert.
prometheus_api() {
	wget -q -O - "http://127.0.0.1:9090/api/v1/$1" | sed 's/{"\(labels\|metric\)"/\n&/g'
}

# has_samples N: Prometheus has read the counter of faults of each unit N times.
has_samples() {
	prometheus_api "query?query=min(count_over_time(nyx_unit_faults_total%5B1h%5D))%3E=$1" |
		grep -q '^{"metric"'
}

# alert NAME: prints the alerts of that name that are firing.
alert() {
	prometheus_api alerts | grep "\"alertname\":\"$1\"" | grep '"state":"firing"'
}

fires() {
	alert "$1" >/tmp/alert
}

# The document leaves the intervals to Prometheus, which waits for a minute.
start_prometheus() {
	printf 'global:\n  scrape_interval: 5s\n  evaluation_interval: 5s\n' >/tmp/prometheus.yml
	cat /nyx/prometheus.yml >>/tmp/prometheus.yml
	prometheus --config.file=/tmp/prometheus.yml --storage.tsdb.path=/tmp/prometheus \
		--web.listen-address=127.0.0.1:9090 >/tmp/prometheus.log 2>&1 &
	PROMETHEUS=$!
}

# check_alert: the exporter serves already.
check_alert() {
	local before unit

	unit=$(columns "$DEBUGFS/devices" device unit | sed -n "s/^$EDU //p")
	before=$(faults_of "$EDU")
	start_prometheus
	check prometheus-reads "$(tail -n 3 /tmp/prometheus.log)" patiently has_samples 2
	check no-alert-before "$(prometheus_api alerts)" fails fires NyxFaults
	# One DMA of edu is many events for QEMU's AMD IOMMU.
	[ "$VENDOR" = intel ] || set_policy "$EDU" action=log
	memory_after "$EDU" >/dev/null
	check fault-is-counted "$before faults as before" \
		until_true has_more_faults "$EDU" "$before"
	check alert-fires "$(prometheus_api alerts)" patiently fires NyxFaults
	check alert-names-unit "$(cat /tmp/alert)" grep -q "\"unit\":\"$unit\"" /tmp/alert
	check alert-has-remedy "$(cat /tmp/alert)" grep -q 'See nyxctl faults' /tmp/alert
	[ "$VENDOR" = intel ] || set_policy "$EDU" action=quarantine
	kill $PROMETHEUS
	wait $PROMETHEUS 2>/dev/null
	rm -rf /tmp/prometheus
}
