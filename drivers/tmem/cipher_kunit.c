// SPDX-License-Identifier: GPL-2.0
/* Tests of the cipher: what a key encrypted is of no use without it, nor with the next one. */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <tmem/cipher.h>

#include "core.h"

#define BLOCK	1234

static struct tmem_cipher *cipher;
static struct page *plain, *text, *other;

static struct page *page_of(struct kunit *test, u8 byte)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page_address(page), byte, PAGE_SIZE);
	return page;
}

static int cipher_test_init(struct kunit *test)
{
	plain = page_of(test, 'p');
	text = page_of(test, 't');
	other = page_of(test, 'o');
	cipher = tmem_cipher_alloc();
	return PTR_ERR_OR_ZERO(cipher);
}

static void cipher_test_exit(struct kunit *test)
{
	tmem_cipher_free(cipher);
	__free_page(plain);
	__free_page(text);
	__free_page(other);
}

static bool same(struct page *a, struct page *b)
{
	return !memcmp(page_address(a), page_address(b), PAGE_SIZE);
}

static bool is_all(struct page *page, u8 byte)
{
	return !memchr_inv(page_address(page), byte, PAGE_SIZE);
}

static void what_is_encrypted_comes_back(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, tmem_cipher_has_key(cipher));
	KUNIT_ASSERT_EQ(test, tmem_cipher_encrypt(cipher, BLOCK, text, plain), 0);
	KUNIT_ASSERT_EQ(test, tmem_cipher_encrypt(cipher, BLOCK + 1, other, plain), 0);
	KUNIT_EXPECT_TRUE(test, is_all(plain, 'p'));
	KUNIT_EXPECT_FALSE(test, same(text, plain));
	KUNIT_EXPECT_FALSE(test, same(text, other));
	KUNIT_ASSERT_EQ(test, tmem_cipher_decrypt(cipher, BLOCK, text), 0);
	KUNIT_EXPECT_TRUE(test, same(text, plain));
}

static void nothing_without_a_key(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tmem_cipher_encrypt(cipher, BLOCK, text, plain), 0);
	KUNIT_ASSERT_EQ(test, tmem_cipher_encrypt(cipher, BLOCK, other, plain), 0);
	KUNIT_ASSERT_EQ(test, tmem_cipher_forget(cipher), 0);
	KUNIT_EXPECT_FALSE(test, tmem_cipher_has_key(cipher));
	KUNIT_EXPECT_EQ(test, tmem_cipher_decrypt(cipher, BLOCK, text), -ENOKEY);
	KUNIT_EXPECT_TRUE(test, same(text, other));
	KUNIT_EXPECT_EQ(test, tmem_cipher_encrypt(cipher, BLOCK, plain, plain), -ENOKEY);
	KUNIT_EXPECT_TRUE(test, is_all(plain, 'p'));
	/* Once more does no harm. */
	KUNIT_EXPECT_EQ(test, tmem_cipher_forget(cipher), 0);
	KUNIT_EXPECT_EQ(test, tmem_cipher_decrypt(cipher, BLOCK, text), -ENOKEY);
}

static void another_key_after_it(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tmem_cipher_encrypt(cipher, BLOCK, text, plain), 0);
	KUNIT_ASSERT_EQ(test, tmem_cipher_forget(cipher), 0);
	KUNIT_ASSERT_EQ(test, tmem_cipher_renew(cipher), 0);
	KUNIT_EXPECT_TRUE(test, tmem_cipher_has_key(cipher));
	KUNIT_ASSERT_EQ(test, tmem_cipher_encrypt(cipher, BLOCK, other, plain), 0);
	KUNIT_EXPECT_FALSE(test, same(text, other));
	KUNIT_ASSERT_EQ(test, tmem_cipher_decrypt(cipher, BLOCK, other), 0);
	KUNIT_EXPECT_TRUE(test, same(other, plain));
	KUNIT_ASSERT_EQ(test, tmem_cipher_decrypt(cipher, BLOCK, text), 0);
	KUNIT_EXPECT_FALSE(test, same(text, plain));
}

static void a_key_that_is_there_stays(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tmem_cipher_encrypt(cipher, BLOCK, text, plain), 0);
	KUNIT_ASSERT_EQ(test, tmem_cipher_renew(cipher), 0);
	KUNIT_ASSERT_EQ(test, tmem_cipher_decrypt(cipher, BLOCK, text), 0);
	KUNIT_EXPECT_TRUE(test, same(text, plain));
}

static void no_two_keys_are_alike(struct kunit *test)
{
	struct tmem_cipher *second = tmem_cipher_alloc();

	KUNIT_ASSERT_FALSE(test, IS_ERR(second));
	KUNIT_EXPECT_EQ(test, tmem_cipher_encrypt(cipher, BLOCK, text, plain), 0);
	KUNIT_EXPECT_EQ(test, tmem_cipher_encrypt(second, BLOCK, other, plain), 0);
	KUNIT_EXPECT_FALSE(test, same(text, other));
	/* Of one the key goes, of the other it stays. */
	KUNIT_EXPECT_EQ(test, tmem_cipher_forget(second), 0);
	KUNIT_EXPECT_EQ(test, tmem_cipher_decrypt(cipher, BLOCK, text), 0);
	KUNIT_EXPECT_TRUE(test, same(text, plain));
	tmem_cipher_free(second);
}

static void no_key_while_the_machine_hibernates(struct kunit *test)
{
	struct tmem_cipher *second;

	tmem_hibernating = true;
	second = tmem_cipher_alloc();
	tmem_hibernating = false;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(second), -EBUSY);
	tmem_cipher_free(second);
}

static struct kunit_case cipher_cases[] = {
	KUNIT_CASE(what_is_encrypted_comes_back),
	KUNIT_CASE(nothing_without_a_key),
	KUNIT_CASE(another_key_after_it),
	KUNIT_CASE(a_key_that_is_there_stays),
	KUNIT_CASE(no_two_keys_are_alike),
	KUNIT_CASE(no_key_while_the_machine_hibernates),
	{}
};

static struct kunit_suite cipher_suite = {
	.name = "tmem_cipher",
	.init = cipher_test_init,
	.exit = cipher_test_exit,
	.test_cases = cipher_cases,
};
kunit_test_suite(cipher_suite);
