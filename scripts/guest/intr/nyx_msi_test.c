// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for a QEMU root port with two MSI messages. The driver raises both
 * through configuration space: the first by a command to the slot, whose
 * completion raises it; the second by enabling error reporting after the port
 * has recorded an error.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>

enum { SLOT, ERRORS, MESSAGES };

struct port {
	struct pci_dev *pdev;
	int errors_at;
	u16 slot_control;
	struct completion arrived[MESSAGES];
	unsigned long handled[MESSAGES];
	unsigned long lost;
};

static irqreturn_t port_handle_slot(int irq, void *data)
{
	struct port *port = data;

	pcie_capability_write_word(port->pdev, PCI_EXP_SLTSTA,
				   PCI_EXP_SLTSTA_CC);
	port->handled[SLOT]++;
	complete(&port->arrived[SLOT]);
	return IRQ_HANDLED;
}

static irqreturn_t port_handle_error(int irq, void *data)
{
	struct port *port = data;

	port->handled[ERRORS]++;
	complete(&port->arrived[ERRORS]);
	return IRQ_HANDLED;
}

static void port_raise(struct port *port, unsigned int message)
{
	if (message == SLOT) {
		pcie_capability_write_word(port->pdev, PCI_EXP_SLTCTL,
					   port->slot_control |
					   PCI_EXP_SLTCTL_HPIE |
					   PCI_EXP_SLTCTL_CCIE);
		return;
	}
	pci_write_config_dword(port->pdev, port->errors_at + PCI_ERR_ROOT_COMMAND, 0);
	pci_write_config_dword(port->pdev, port->errors_at + PCI_ERR_ROOT_COMMAND,
			       PCI_ERR_ROOT_CMD_COR_EN);
}

/* Writing "MESSAGE TIMES" raises this message and waits for each interrupt. */
static ssize_t raise_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct port *port = dev_get_drvdata(dev);
	unsigned int message, times;

	if (sscanf(buf, "%u %u", &message, &times) != 2 || message >= MESSAGES)
		return -EINVAL;
	while (times-- && !port->lost) {
		reinit_completion(&port->arrived[message]);
		port_raise(port, message);
		/* An interrupt that has not arrived after this time is lost. */
		if (!wait_for_completion_timeout(&port->arrived[message],
						 10 * HZ))
			port->lost++;
	}
	return count;
}

static ssize_t raise_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct port *port = dev_get_drvdata(dev);
	u32 status;

	pci_read_config_dword(port->pdev, port->errors_at + PCI_ERR_ROOT_STATUS,
			      &status);
	return sysfs_emit(buf, "handled=%lu,%lu lost=%lu error=%d\n",
			  port->handled[SLOT], port->handled[ERRORS],
			  port->lost, !!(status & PCI_ERR_ROOT_COR_RCV));
}
static DEVICE_ATTR_RW(raise);

static struct attribute *port_attrs[] = {
	&dev_attr_raise.attr,
	NULL
};
ATTRIBUTE_GROUPS(port);

static int port_request(struct port *port)
{
	static const irq_handler_t handlers[MESSAGES] = {
		port_handle_slot, port_handle_error,
	};
	struct pci_dev *pdev = port->pdev;
	int i, ret;

	for (i = 0; i < MESSAGES; i++) {
		init_completion(&port->arrived[i]);
		ret = request_irq(pci_irq_vector(pdev, i), handlers[i], 0,
				  "nyx_msi_test", port);
		if (ret)
			break;
	}
	if (i == MESSAGES)
		return 0;
	while (i--)
		free_irq(pci_irq_vector(pdev, i), port);
	return ret;
}

static int port_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct port *port;
	int ret;

	port = devm_kzalloc(&pdev->dev, sizeof(*port), GFP_KERNEL);
	if (!port)
		return -ENOMEM;
	port->pdev = pdev;
	port->errors_at = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ERR);
	ret = port->errors_at ? pcim_enable_device(pdev) : -ENODEV;
	if (ret)
		return ret;
	pci_set_master(pdev);
	ret = pci_alloc_irq_vectors(pdev, MESSAGES, MESSAGES, PCI_IRQ_MSI);
	if (ret < 0) {
		pr_info("%s: no interrupts: %d\n", pci_name(pdev), ret);
		return ret;
	}
	pcie_capability_read_word(pdev, PCI_EXP_SLTCTL, &port->slot_control);
	pcie_capability_write_word(pdev, PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_CC);
	pcie_capability_set_word(pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_CERE);
	pci_write_config_dword(pdev, port->errors_at + PCI_ERR_COR_MASK, 0);
	pci_write_config_dword(pdev, port->errors_at + PCI_ERR_ROOT_COMMAND, 0);
	ret = port_request(port);
	if (ret) {
		pci_free_irq_vectors(pdev);
		return ret;
	}
	pci_set_drvdata(pdev, port);
	return 0;
}

static void port_remove(struct pci_dev *pdev)
{
	struct port *port = pci_get_drvdata(pdev);
	int i;

	pcie_capability_write_word(pdev, PCI_EXP_SLTCTL, port->slot_control);
	pci_write_config_dword(pdev, port->errors_at + PCI_ERR_ROOT_COMMAND, 0);
	for (i = 0; i < MESSAGES; i++)
		free_irq(pci_irq_vector(pdev, i), port);
	pci_free_irq_vectors(pdev);
}

static const struct pci_device_id port_ids[] = {
	{ PCI_DEVICE(0x8086, 0x3420) },
	{ }
};
MODULE_DEVICE_TABLE(pci, port_ids);

static struct pci_driver port_driver = {
	.name = "nyx_msi_test",
	.id_table = port_ids,
	.probe = port_probe,
	.remove = port_remove,
	.dev_groups = port_groups,
};
module_pci_driver(port_driver);

MODULE_DESCRIPTION("Raises two MSI messages of a root port");
MODULE_LICENSE("GPL");
