/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page requests: functions that only the core uses, besides those of
 * <nyx/page_request.h>.
 */
#ifndef NYX_FAULT_PAGE_REQUEST_H
#define NYX_FAULT_PAGE_REQUEST_H

struct device;
struct iommu_page_response;
struct iopf_fault;
struct nyx_device;
struct nyx_unit;

void nyx_page_requests_init(struct nyx_unit *unit);
void nyx_page_requests_exit(struct nyx_unit *unit);
int nyx_page_requests_get(struct nyx_device *ndev);
void nyx_page_requests_drain(struct nyx_device *ndev);
void nyx_page_requests_put(struct nyx_device *ndev);
void nyx_page_response(struct device *dev, struct iopf_fault *evt,
		       struct iommu_page_response *msg);

/* Calls of the kernel's I/O page-fault framework, page_queue.c */
void nyx_page_request_report(struct device *dev, struct iopf_fault *evt);
int nyx_page_queue_add(const struct nyx_device *ndev);
void nyx_page_queue_discard(struct nyx_unit *unit);
void nyx_page_queue_flush(const struct nyx_device *ndev);
void nyx_page_queue_remove(const struct nyx_device *ndev);

#endif /* NYX_FAULT_PAGE_REQUEST_H */
