/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints at a page's doors. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tmem

#if !defined(_TMEM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TMEM_TRACE_H

#include <linux/tracepoint.h>
#include <tmem/clean.h>

DECLARE_EVENT_CLASS(tmem_page,
	TP_PROTO(unsigned int type, unsigned long offset, u32 place, int err),
	TP_ARGS(type, offset, place, err),
	TP_STRUCT__entry(
		__field(unsigned long, offset)
		__field(unsigned int, type)
		__field(u32, place)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->offset = offset;
		__entry->type = type;
		__entry->place = place;
		__entry->err = err;
	),
	TP_printk("type=%u offset=%lu place=%#x err=%d", __entry->type, __entry->offset,
		  __entry->place, __entry->err)
);

/* A page was stored (err 0) or refused. */
DEFINE_EVENT(tmem_page, tmem_store,
	TP_PROTO(unsigned int type, unsigned long offset, u32 place, int err),
	TP_ARGS(type, offset, place, err));

/* A page was loaded (err 0) or found lost. Misses are not traced. */
DEFINE_EVENT(tmem_page, tmem_load,
	TP_PROTO(unsigned int type, unsigned long offset, u32 place, int err),
	TP_ARGS(type, offset, place, err));

/* A page left by write-out to its swap slot (err 0), or could not. */
DEFINE_EVENT(tmem_page, tmem_write_out,
	TP_PROTO(unsigned int type, unsigned long offset, u32 place, int err),
	TP_ARGS(type, offset, place, err));

/* The kernel freed the slot of a stored page. */
TRACE_EVENT(tmem_invalidate,
	TP_PROTO(unsigned int type, unsigned long offset, u32 place),
	TP_ARGS(type, offset, place),
	TP_STRUCT__entry(
		__field(unsigned long, offset)
		__field(unsigned int, type)
		__field(u32, place)
	),
	TP_fast_assign(
		__entry->offset = offset;
		__entry->type = type;
		__entry->place = place;
	),
	TP_printk("type=%u offset=%lu place=%#x", __entry->type, __entry->offset, __entry->place)
);

DECLARE_EVENT_CLASS(tmem_clean_page,
	TP_PROTO(const struct tmem_file_id *file, pgoff_t index, int err),
	TP_ARGS(file, index, err),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u64, index)
		__field(u32, pool)
		__field(u32, generation)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->ino = file->ino;
		__entry->index = index;
		__entry->pool = file->pool;
		__entry->generation = file->generation;
		__entry->err = err;
	),
	TP_printk("pool=%u ino=%llu generation=%u index=%llu err=%d", __entry->pool, __entry->ino,
		  __entry->generation, __entry->index, __entry->err)
);

/* A clean page was put (err 0) or refused by the backend. */
DEFINE_EVENT(tmem_clean_page, tmem_put,
	TP_PROTO(const struct tmem_file_id *file, pgoff_t index, int err),
	TP_ARGS(file, index, err));

/* The backend was asked for the folio that begins with this page. */
DEFINE_EVENT(tmem_clean_page, tmem_get,
	TP_PROTO(const struct tmem_file_id *file, pgoff_t index, int err),
	TP_ARGS(file, index, err));

/* Pages of a file are forgotten. */
TRACE_EVENT(tmem_forget,
	TP_PROTO(const struct tmem_file_id *file, pgoff_t first, pgoff_t last),
	TP_ARGS(file, first, last),
	TP_STRUCT__entry(
		__field(u64, ino)
		__field(u64, first)
		__field(u64, last)
		__field(u32, pool)
		__field(u32, generation)
	),
	TP_fast_assign(
		__entry->ino = file->ino;
		__entry->first = first;
		__entry->last = last;
		__entry->pool = file->pool;
		__entry->generation = file->generation;
	),
	TP_printk("pool=%u ino=%llu generation=%u first=%llu last=%llu", __entry->pool,
		  __entry->ino, __entry->generation, __entry->first, __entry->last)
);

#endif /* _TMEM_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
