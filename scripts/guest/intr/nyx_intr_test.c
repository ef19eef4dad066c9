// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for QEMU's edu, which raises an interrupt whenever it is told to: so
 * each can be waited for while the interrupt moves from CPU to CPU. For
 * another device, bound by hand, it asks for as many as it is told, and uses none.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pci.h>

#define EDU_RAISE	0x60
#define EDU_ACK		0x64

/* Odd, so that of two CPUs each has its turn. */
#define EDU_STAY	7

static unsigned int vectors = 1;
module_param(vectors, uint, 0600);
MODULE_PARM_DESC(vectors, "how many interrupts to ask for: 1 is one MSI, more are MSI-X");

struct edu {
	void __iomem *bar;
	int irq;
	struct completion arrived;
	unsigned long raised;
	unsigned long handled;
	unsigned long lost;
	unsigned long moved;
	unsigned long busy;
};

static irqreturn_t edu_handle(int irq, void *data)
{
	struct edu *edu = data;

	iowrite32(1, edu->bar + EDU_ACK);
	edu->handled++;
	complete(&edu->arrived);
	return IRQ_HANDLED;
}

static void edu_raise_one(struct edu *edu)
{
	reinit_completion(&edu->arrived);
	edu->raised++;
	iowrite32(1, edu->bar + EDU_RAISE);
	/* A lost one does not come, however long we wait. */
	if (!wait_for_completion_timeout(&edu->arrived, 10 * HZ))
		edu->lost++;
}

static int edu_raise(void *data)
{
	while (!kthread_should_stop())
		edu_raise_one(data);
	return 0;
}

/* Moves meet interrupts at every stage: the next is on its way by then. */
static void edu_wait_for_one(const struct edu *edu)
{
	unsigned long handled = READ_ONCE(edu->handled);
	unsigned long lost = READ_ONCE(edu->lost);

	while (READ_ONCE(edu->handled) == handled &&
	       READ_ONCE(edu->lost) == lost)
		cond_resched();
}

/*
 * Writing a number has the interrupt moved so often while it is raised. Now and
 * then it stays for some more: a CPU that it is taken from at once handles none.
 */
static ssize_t moves_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct edu *edu = dev_get_drvdata(dev);
	unsigned int moves, cpu = 0, i;
	struct task_struct *task;
	int ret;

	ret = kstrtouint(buf, 10, &moves);
	if (ret)
		return ret;
	task = kthread_run(edu_raise, edu, "edu");
	if (IS_ERR(task))
		return PTR_ERR(task);
	for (i = 0; i < moves && !READ_ONCE(edu->lost); i++) {
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
		if (irq_set_affinity(edu->irq, cpumask_of(cpu)))
			edu->busy++;
		else
			edu->moved++;
		edu_wait_for_one(edu);
		if (i % EDU_STAY)
			continue;
		edu_wait_for_one(edu);
		edu_wait_for_one(edu);
	}
	kthread_stop(task);
	return count;
}

static ssize_t moves_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct edu *edu = dev_get_drvdata(dev);

	return sysfs_emit(buf, "raised=%lu handled=%lu lost=%lu moved=%lu refused=%lu\n",
			  edu->raised, edu->handled, edu->lost, edu->moved,
			  edu->busy);
}
static DEVICE_ATTR_RW(moves);

/* Writing a number has the interrupt raised so often where it is. */
static ssize_t raise_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct edu *edu = dev_get_drvdata(dev);
	unsigned int times;
	int ret;

	ret = kstrtouint(buf, 10, &times);
	if (ret)
		return ret;
	while (times-- && !READ_ONCE(edu->lost))
		edu_raise_one(edu);
	return count;
}
static DEVICE_ATTR_WO(raise);

static struct attribute *edu_attrs[] = {
	&dev_attr_moves.attr,
	&dev_attr_raise.attr,
	NULL
};
ATTRIBUTE_GROUPS(edu);

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu;
	int ret;

	edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	init_completion(&edu->arrived);
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	edu->bar = pcim_iomap(pdev, 0, 0);
	if (!edu->bar)
		return -ENOMEM;
	pci_set_master(pdev);
	ret = pci_alloc_irq_vectors(pdev, vectors, vectors,
				    vectors == 1 ? PCI_IRQ_MSI : PCI_IRQ_MSIX);
	if (ret < 0) {
		pr_info("%s: no interrupt: %d\n", pci_name(pdev), ret);
		return ret;
	}
	edu->irq = pci_irq_vector(pdev, 0);
	ret = request_irq(edu->irq, edu_handle, 0, "nyx_intr_test", edu);
	if (ret) {
		pci_free_irq_vectors(pdev);
		return ret;
	}
	pci_set_drvdata(pdev, edu);
	return 0;
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	free_irq(edu->irq, edu);
	pci_free_irq_vectors(pdev);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = "nyx_intr_test",
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
	.dev_groups = edu_groups,
};
module_pci_driver(edu_driver);

MODULE_DESCRIPTION("Has interrupts raised while they move");
MODULE_LICENSE("GPL");
