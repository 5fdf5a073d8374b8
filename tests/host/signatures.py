#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Puts a signature on an image: signatures.py KIND IMAGE. Stands in for mkfs.xfs, pvcreate etc."""
import os
import struct
import sys
import zlib


def xfs(image, size):
    block = bytearray(512)
    block[0:4] = b"XFSB"
    struct.pack_into(">IQ", block, 4, 4096, size // 4096)
    struct.pack_into(">I", block, 80, 1)
    struct.pack_into(">II", block, 84, size // 4096, 1)
    struct.pack_into(">IHHHH", block, 96, 1000, 0xB4A4, 512, 512, 8)
    block[120:128] = bytes([12, 9, 9, 3, 20, 0, 0, 25])
    image.write(block)


def lvm(image, size):
    uuid = b"0123456789abcdefghijklmnopqrstuv"
    body = struct.pack("<I8s32sQ", 32, b"LVM2 001", uuid, size)
    sector = bytearray(512)
    sector[20:20 + len(body)] = body
    crc = zlib.crc32(bytes(sector[20:])) & 0xFFFFFFFF
    sector[0:20] = struct.pack("<8sQI", b"LABELONE", 1, crc)
    image.seek(512)
    image.write(sector)


def gpt(image, size):
    sectors = size // 512
    mbr = bytearray(512)
    mbr[446:462] = struct.pack("<BBBBBBBBII", 0, 0, 2, 0, 0xEE, 255, 255, 255, 1, sectors - 1)
    mbr[510:512] = b"\x55\xaa"
    entries = bytes(128 * 128)

    def header(here, other, table):
        fields = [b"EFI PART", 0x10000, 92, 0, 0, here, other, 34, sectors - 34, b"g" * 16, table,
                  128, 128, zlib.crc32(entries)]
        fields[3] = zlib.crc32(struct.pack("<8sIIIIQQQQ16sQIII", *fields))
        return struct.pack("<8sIIIIQQQQ16sQIII", *fields)

    image.write(mbr)
    image.write(header(1, sectors - 1, 2))
    image.seek((sectors - 1) * 512)
    image.write(header(sectors - 1, 1, sectors - 33))


def md(image, size):
    """Version 1.0: at the end, and nothing at the start."""
    offset = (size // 512 - 16) // 8 * 8
    super_block = bytearray(256)
    struct.pack_into("<II", super_block, 0, 0xA92B4EFC, 1)
    super_block[16:32] = b"m" * 16
    struct.pack_into("<Q", super_block, 144, offset)
    image.seek(offset * 512)
    image.write(super_block)


def luks(image, size):
    del size
    image.write(b"LUKS\xba\xbe\x00\x01" + b"aes".ljust(32, b"\0") + b"xts".ljust(32, b"\0"))
    image.seek(168)
    image.write(b"00112233-4455-6677-8899-aabbccddeeff\0")


def tmem(image, size):
    """A formatted device, written from docs/format.md and not from the C code."""
    size = size // 4096 * 4096
    data = (size - 4096 - (2 << 20)) // (2 << 20) * (2 << 20)
    for copy, offset in enumerate((0, size - 4096)):
        block = struct.pack(
            "<16sIIQQ16s32sQQQIIQQ3956x", b"TMEM-PMEM\x8f\r\n\x1a", 1, 4096, 0, 0,
            bytes.fromhex("00112233445566778899aabbccddeeff"), b"other writer", size, 2 << 20, data,
            4096, copy, 1, 1700000000)
        image.seek(offset)
        image.write(block + struct.pack("<I", zlib.crc32(block)))


kinds = {"xfs": xfs, "lvm": lvm, "gpt": gpt, "md": md, "luks": luks, "tmem": tmem}
with open(sys.argv[2], "r+b") as target:
    kinds[sys.argv[1]](target, os.path.getsize(sys.argv[2]))
