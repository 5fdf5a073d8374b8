// SPDX-License-Identifier: GPL-2.0
/* Tests of the reader of BTF: what it writes, and that it stays inside of what is damaged. */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/btf.h>

#include "btf.h"

#define WORDS_MAX	256
#define STRINGS_MAX	256
#define HEADER_WORDS	6
#define TEXT_BYTES	128

/* Types and names as they are added, and the two behind a header. */
static u32 words[WORDS_MAX], word_count, type_count;
static char strings[STRINGS_MAX];
static u32 strings_bytes;
static u32 *blob;
static size_t blob_bytes;

static struct tmem_btf btf;
static char text[TEXT_BYTES];

static u32 name(const char *string)
{
	u32 at = strings_bytes;

	memcpy(strings + at, string, strlen(string) + 1);
	strings_bytes += strlen(string) + 1;
	return at;
}

/* Return: the number of the type. */
static u32 type(const char *string, u32 kind, u32 count, u32 value)
{
	words[word_count++] = *string ? name(string) : 0;
	words[word_count++] = kind << 24 | count;
	words[word_count++] = value;
	return ++type_count;
}

static void more(u32 a, u32 b)
{
	words[word_count++] = a;
	words[word_count++] = b;
}

static u32 integer(const char *string)
{
	u32 id = type(string, BTF_KIND_INT, 0, 4);

	words[word_count++] = 32;
	return id;
}

static u32 pointer(u32 to)
{
	return type("", BTF_KIND_PTR, 0, to);
}

/* A function with one parameter. */
static u32 function(const char *string, u32 result, u32 parameter)
{
	u32 proto = type("", BTF_KIND_FUNC_PROTO, 1, result);

	more(0, parameter);
	return type(string, BTF_KIND_FUNC, 1, proto);
}

static void seal(void)
{
	u32 types_bytes = word_count * sizeof(u32);

	memset(blob, 0, blob_bytes);
	blob[0] = BTF_VERSION << 16 | BTF_MAGIC;
	blob[1] = HEADER_WORDS * sizeof(u32);
	blob[3] = types_bytes;
	blob[4] = types_bytes;
	blob[5] = strings_bytes;
	memcpy(blob + HEADER_WORDS, words, types_bytes);
	memcpy(blob + HEADER_WORDS + word_count, strings, strings_bytes);
	blob_bytes = HEADER_WORDS * sizeof(u32) + types_bytes + strings_bytes;
}

static int btf_test_init(struct kunit *test)
{
	blob_bytes = HEADER_WORDS * sizeof(u32) + sizeof(words) + sizeof(strings);
	blob = kunit_kzalloc(test, blob_bytes, GFP_KERNEL);
	if (!blob)
		return -ENOMEM;
	word_count = 0;
	type_count = 0;
	strings_bytes = 0;
	name("");
	return 0;
}

/* Return: what a function's signature is, or that there is an error. */
static const char *signature(u32 id)
{
	int err;

	seal();
	if (tmem_btf_open(&btf, blob, blob_bytes))
		return "cannot be opened";
	err = tmem_btf_signature(&btf, id, text, sizeof(text));
	tmem_btf_close(&btf);
	return err == -ELOOP ? "nested" : err ? "an error" : text;
}

#define EXPECT_SIGNATURE(id, wanted)	KUNIT_EXPECT_EQ(test, strcmp(signature(id), wanted), 0)

static void every_kind_is_written(struct kunit *test)
{
	u32 number = integer("long unsigned int"), file = type("file", BTF_KIND_STRUCT, 0, 8);
	u32 constant = type("", BTF_KIND_CONST, 0, file), mark = type("user", BTF_KIND_TYPE_TAG, 0, constant);
	u32 filler = type("filler_t", BTF_KIND_TYPEDEF, 0, 0), lock = type("lock", BTF_KIND_UNION, 1, 4);
	u32 proto, args;

	more(0, number);
	words[word_count++] = 0;
	EXPECT_SIGNATURE(function("read", number, pointer(mark)), "unsigned long (const struct file *)");
	EXPECT_SIGNATURE(function("fill", 0, pointer(filler)), "void (filler_t *)");
	EXPECT_SIGNATURE(function("take", pointer(0), pointer(pointer(lock))), "void * (union lock **)");
	EXPECT_SIGNATURE(function("pick", type("e", BTF_KIND_ENUM, 0, 4), type("s", BTF_KIND_FWD, 0, 0)),
			 "enum e (struct s)");
	EXPECT_SIGNATURE(function("hold", filler, pointer(type("", BTF_KIND_CONST, 0, pointer(file)))),
			 "filler_t (struct file *const*)");
	proto = type("", BTF_KIND_FUNC_PROTO, 0, 0);
	EXPECT_SIGNATURE(function("each", filler, pointer(proto)), "filler_t (void (*)(void))");
	args = type("", BTF_KIND_FUNC_PROTO, 2, 0);
	more(0, number);
	more(0, 0);
	EXPECT_SIGNATURE(type("print", BTF_KIND_FUNC, 0, args), "void (unsigned long, ...)");
}

/* Return: the number of a struct with one member, at an offset in bits. */
static u32 structure(const char *string, const char *member, u32 of, u32 offset)
{
	u32 id = type(string, BTF_KIND_STRUCT, 1, 8);

	more(*member ? name(member) : 0, of);
	words[word_count++] = offset;
	return id;
}

static void what_is_wanted_is_found(struct kunit *test)
{
	struct tmem_btf_wanted wanted[] = {
		{ .name = "two" }, { .name = "none" }, { .name = "one" }, { .name = "twice" }, { .name = "int" },
		{ .name = "two", .is_struct = true }, { .name = "one", .is_struct = true },
		{ .name = "twice", .is_struct = true },
	};
	u32 number = integer("int"), one = function("one", 0, number), two = function("two", number, number);
	u32 of_two = structure("two", "a", number, 0);

	function("twice", 0, number);
	function("twice", number, number);
	structure("twice", "a", number, 0);
	structure("twice", "b", number, 0);
	/* One without a name. */
	function("", 0, number);
	seal();
	KUNIT_ASSERT_EQ(test, tmem_btf_open(&btf, blob, blob_bytes), 0);
	KUNIT_EXPECT_EQ(test, btf.count, type_count);
	tmem_btf_find(&btf, wanted, ARRAY_SIZE(wanted));
	KUNIT_EXPECT_EQ(test, wanted[0].id, two);
	KUNIT_EXPECT_EQ(test, wanted[1].id, 0);
	KUNIT_EXPECT_EQ(test, wanted[2].id, one);
	KUNIT_EXPECT_EQ(test, wanted[3].id, TMEM_BTF_SEVERAL);
	KUNIT_EXPECT_EQ(test, wanted[4].id, 0);
	KUNIT_EXPECT_EQ(test, wanted[5].id, of_two);
	KUNIT_EXPECT_EQ(test, wanted[6].id, 0);
	KUNIT_EXPECT_EQ(test, wanted[7].id, TMEM_BTF_SEVERAL);
	KUNIT_EXPECT_EQ(test, tmem_btf_signature(&btf, number, text, sizeof(text)), -EINVAL);
	KUNIT_EXPECT_EQ(test, tmem_btf_signature(&btf, 0, text, sizeof(text)), -EINVAL);
	KUNIT_EXPECT_EQ(test, tmem_btf_signature(&btf, type_count + 1, text, sizeof(text)), -EINVAL);
	KUNIT_EXPECT_EQ(test, tmem_btf_signature(&btf, TMEM_BTF_SEVERAL, text, sizeof(text)), -EINVAL);
	tmem_btf_close(&btf);
}

/* Return: what a struct begins with, or that there is an error. */
static const char *first_member(u32 id)
{
	int err;

	seal();
	if (tmem_btf_open(&btf, blob, blob_bytes))
		return "cannot be opened";
	err = tmem_btf_first_member(&btf, id, text, sizeof(text));
	tmem_btf_close(&btf);
	return err == -EINVAL ? "none" : err ? "an error" : text;
}

#define EXPECT_FIRST(id, wanted)	KUNIT_EXPECT_EQ(test, strcmp(first_member(id), wanted), 0)

static void what_a_struct_begins_with(struct kunit *test)
{
	u32 number = integer("long int"), iocb = pointer(type("kiocb", BTF_KIND_FWD, 0, 0));

	EXPECT_FIRST(structure("dio", "iocb", iocb, 0), "struct kiocb *iocb");
	EXPECT_FIRST(structure("dio", "size", number, 0), "long size");
	/* Not at its beginning, a field of 3 bits, a member without a name, none, and no struct. */
	EXPECT_FIRST(structure("dio", "iocb", iocb, 64), "none");
	EXPECT_FIRST(structure("dio", "bits", number, 3 << 24), "none");
	EXPECT_FIRST(structure("dio", "", iocb, 0), "none");
	EXPECT_FIRST(type("dio", BTF_KIND_STRUCT, 0, 0), "none");
	EXPECT_FIRST(function("dio", 0, number), "none");
	EXPECT_FIRST(0, "none");
	EXPECT_FIRST(type_count + 1, "none");
}

/* Nothing is written behind what there is room for. */
static void a_signature_fits_or_not(struct kunit *test)
{
	u32 id = function("f", 0, pointer(integer("long int")));
	size_t size, needed = sizeof("void (long *)");

	seal();
	KUNIT_ASSERT_EQ(test, tmem_btf_open(&btf, blob, blob_bytes), 0);
	for (size = 0; size <= needed; size++) {
		memset(text, 0x5a, sizeof(text));
		KUNIT_EXPECT_EQ(test, tmem_btf_signature(&btf, id, text, size), size < needed ? -ENOSPC : 0);
		KUNIT_EXPECT_TRUE(test, !memchr_inv(text + size, 0x5a, sizeof(text) - size));
	}
	tmem_btf_close(&btf);
}

static void circles_end(struct kunit *test)
{
	u32 number = integer("int"), self = type_count + 1, proto;

	EXPECT_SIGNATURE(function("f", 0, pointer(self)), "nested");
	self = type_count + 1;
	EXPECT_SIGNATURE(function("f", type("", BTF_KIND_TYPE_TAG, 0, self), number), "nested");
	/* A function that takes a pointer to what it is itself. */
	proto = type_count + 1;
	type("", BTF_KIND_FUNC_PROTO, 1, 0);
	more(0, proto + 1);
	pointer(proto);
	EXPECT_SIGNATURE(type("f", BTF_KIND_FUNC, 0, proto), "nested");
	/* And one that returns it. */
	proto = type_count + 1;
	type("", BTF_KIND_FUNC_PROTO, 0, proto + 1);
	pointer(proto);
	EXPECT_SIGNATURE(type("f", BTF_KIND_FUNC, 0, proto), "nested");
}

static void types_that_lead_nowhere(struct kunit *test)
{
	u32 number = integer("int");

	EXPECT_SIGNATURE(function("f", 0, 1000), "an error");
	EXPECT_SIGNATURE(function("f", ~0U, number), "an error");
	EXPECT_SIGNATURE(function("f", 0, pointer(~0U)), "an error");
	/* A variable is no type, a struct without a name no prototype has. */
	EXPECT_SIGNATURE(function("f", 0, function("g", 0, number)), "an error");
	EXPECT_SIGNATURE(function("f", 0, type("", BTF_KIND_STRUCT, 0, 8)), "an error");
	EXPECT_SIGNATURE(type("f", BTF_KIND_FUNC, 0, number), "an error");
	EXPECT_SIGNATURE(type("f", BTF_KIND_FUNC, 0, ~0U), "an error");
	/* A name behind the last one. */
	type("", BTF_KIND_STRUCT, 0, 8);
	words[word_count - 3] = strings_bytes + 100;
	EXPECT_SIGNATURE(function("f", 0, type_count), "an error");
}

static void types_that_do_not_end(struct kunit *test)
{
	u32 id = function("f", 0, integer("int")), end = word_count;

	type("s", BTF_KIND_STRUCT, 1, 8);
	EXPECT_SIGNATURE(id, "cannot be opened");
	words[end + 1] = BTF_KIND_STRUCT << 24 | 0xffffff;
	EXPECT_SIGNATURE(id, "cannot be opened");
	words[end + 1] = BTF_KIND_FUNC_PROTO << 24 | 0xffffff;
	EXPECT_SIGNATURE(id, "cannot be opened");
	/* Kinds that there are not. */
	words[end + 1] = 0;
	EXPECT_SIGNATURE(id, "cannot be opened");
	words[end + 1] = 0x7f << 24;
	EXPECT_SIGNATURE(id, "cannot be opened");
	words[end + 1] = BTF_KIND_STRUCT << 24;
	EXPECT_SIGNATURE(id, "void (int)");
	/* A part of a description. */
	words[word_count++] = 0;
	EXPECT_SIGNATURE(id, "cannot be opened");
}

/* The end is where the memory ends. */
static int open_copy(const void *from, size_t bytes)
{
	void *copy = kmalloc(bytes, GFP_KERNEL);
	int err;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, from, bytes);
	err = tmem_btf_open(&btf, copy, bytes);
	if (!err)
		tmem_btf_close(&btf);
	kfree(copy);
	return err;
}

static void what_is_cut_off(struct kunit *test)
{
	size_t bytes;

	function("f", 0, integer("int"));
	seal();
	for (bytes = 1; bytes < blob_bytes; bytes++)
		KUNIT_EXPECT_EQ(test, open_copy(blob, bytes), -EINVAL);
	KUNIT_EXPECT_EQ(test, open_copy(blob, blob_bytes), 0);
}

static void headers_that_lie(struct kunit *test)
{
	static const struct {
		u32 word, value;
	} lies[] = {
		{ 0, BTF_VERSION << 16 | 0x9fec }, { 0, 2 << 16 | BTF_MAGIC }, { 1, 0 }, { 1, 20 }, { 1, 26 },
		{ 1, ~0U }, { 2, 2 }, { 2, ~3U }, { 2, 1 << 20 }, { 3, 0 }, { 3, ~0U }, { 3, 7 }, { 4, ~0U },
		{ 4, 1 << 20 }, { 5, 0 }, { 5, ~0U },
	};
	u32 right;
	size_t i;

	function("f", 0, integer("int"));
	seal();
	KUNIT_EXPECT_EQ(test, open_copy(blob, blob_bytes), 0);
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		right = blob[lies[i].word];
		blob[lies[i].word] = lies[i].value;
		KUNIT_EXPECT_EQ(test, open_copy(blob, blob_bytes), -EINVAL);
		blob[lies[i].word] = right;
	}
	/* Names begin and end with a zero. */
	((char *)blob)[blob_bytes - 1] = 'x';
	KUNIT_EXPECT_EQ(test, open_copy(blob, blob_bytes), -EINVAL);
}

/* Any word may be anything: no answer is expected, but none is looked for elsewhere. */
static void every_damaged_word(struct kunit *test)
{
	static const u32 values[] = { 0, 1, 7, 0x7fffffff, 0x80000000, ~0U };
	struct tmem_btf_wanted wanted[] = { { .name = "f" }, { .name = "filler_t" }, { .name = "s", .is_struct = true } };
	size_t word, i, opened = 0;
	u32 right, id;

	structure("s", "first", pointer(integer("int")), 0);
	function("f", pointer(type("filler_t", BTF_KIND_TYPEDEF, 0, 0)), pointer(pointer(integer("int"))));
	seal();
	for (word = 0; word < HEADER_WORDS + word_count; word++) {
		right = blob[word];
		for (i = 0; i < ARRAY_SIZE(values); i++) {
			blob[word] = values[i];
			if (tmem_btf_open(&btf, blob, blob_bytes))
				continue;
			opened++;
			tmem_btf_find(&btf, wanted, ARRAY_SIZE(wanted));
			for (id = 0; id <= btf.count; id++) {
				tmem_btf_signature(&btf, id, text, sizeof(text));
				tmem_btf_first_member(&btf, id, text, sizeof(text));
			}
			tmem_btf_close(&btf);
		}
		blob[word] = right;
	}
	KUNIT_EXPECT_GE(test, opened, (size_t)word_count);
}

static struct kunit_case btf_cases[] = {
	KUNIT_CASE(every_kind_is_written),
	KUNIT_CASE(what_is_wanted_is_found),
	KUNIT_CASE(what_a_struct_begins_with),
	KUNIT_CASE(a_signature_fits_or_not),
	KUNIT_CASE(circles_end),
	KUNIT_CASE(types_that_lead_nowhere),
	KUNIT_CASE(types_that_do_not_end),
	KUNIT_CASE(what_is_cut_off),
	KUNIT_CASE(headers_that_lie),
	KUNIT_CASE(every_damaged_word),
	{}
};

static struct kunit_suite btf_suite = {
	.name = "tmem_btf",
	.init = btf_test_init,
	.test_cases = btf_cases,
};
kunit_test_suite(btf_suite);
