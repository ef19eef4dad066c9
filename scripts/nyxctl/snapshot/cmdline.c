// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parameters of the kernel that a snapshot contains. Others may be passwords, keys or
 * serial numbers, and are left out.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "nyxctl.h"

/* Names without a value, or before '='. A name before '.' is a module's. */
static const char * const parameters[] = {
	"acpi", "acpi_irq_nobalance", "amd_iommu", "amd_iommu_dump", "amd_iommu_intr", "apic",
	"crashkernel", "debugfs", "disable_mtrr_cleanup", "dma_debug", "efi", "hpet",
	"hugepages", "hugepagesz", "default_hugepagesz", "intel_iommu", "intremap", "iomem",
	"iommu", "irqaffinity", "irqpoll", "isolcpus", "kfence", "kvm", "kvm_amd", "kvm_intel",
	"lockdown", "lapic", "maxcpus", "mce", "mem", "memmap", "mitigations", "module",
	"module_blacklist", "modprobe", "nmi_watchdog", "noapic", "noapictimer", "nohpet",
	"nokaslr", "nolapic", "nomodeset", "nopat", "nosmp", "nousb", "nox2apic", "nox2apic_phys",
	"nr_cpus", "nyx_iommu", "panic", "pci", "pci_hotplug", "pcie_aspm", "pcie_acs_override",
	"pcie_bus_perf", "pcie_bus_safe", "pcie_ports", "pcie_pme", "quiet", "reset_devices",
	"ro", "rw", "swiotlb", "threadirqs", "tsc", "vfio", "vfio_iommu_type1", "vfio_pci",
	"x2apic_phys",
};

/* The kernel takes '-' for '_' in names. */
static bool is_same(const char *word, size_t length, const char *name)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((word[i] == '-' ? '_' : word[i]) != name[i])
			return false;
	return !name[length];
}

static bool is_public(const char *word)
{
	size_t length = strcspn(word, "=."), i;

	for (i = 0; i < COUNT_OF(parameters); i++)
		if (is_same(word, length, parameters[i]))
			return true;
	return false;
}

/* The length of the first word. Blanks in quotation marks are part of it, as in the kernel. */
static size_t word_length(const char *line)
{
	bool quoted = false;
	size_t length;

	for (length = 0; line[length]; length++) {
		if (line[length] == '"')
			quoted = !quoted;
		else if (isspace((unsigned char)line[length]) && !quoted)
			break;
	}
	return length;
}

/**
 * public_parameters() - find the parameters of the kernel that may be published
 * @line: the kernel's command line
 * @left_out: set to the number of words that are left out
 *
 * Only parameters that concern devices, interrupts, memory and this module are kept. What
 * follows "--" is for the first process, and is left out.
 *
 * Return: the words in their order, which the caller frees.
 */
struct names public_parameters(const char *line, size_t *left_out)
{
	struct names names = { 0 };
	bool for_init = false;
	size_t length;
	char *word;

	*left_out = 0;
	for (;; line += length) {
		while (isspace((unsigned char)*line))
			line++;
		length = word_length(line);
		if (!length)
			return names;
		word = must(strndup(line, length));
		for_init |= !strcmp(word, "--");
		if (!for_init && is_public(word))
			names_add(&names, word);
		else
			++*left_out;
		free(word);
	}
}
