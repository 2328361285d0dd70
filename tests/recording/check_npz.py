"""Prints what a .npz file holds, one array a line: NAME TYPE SHAPE VALUES. Reads it with Python's own library alone,
and once more with NumPy where there is one: both must agree."""

import ast
import struct
import sys
import zipfile

LETTERS = {"<f4": "f", "<i8": "q", "<f8": "d"}


def read(data):
    """(type, shape, flat values) of the .npy format, version 1."""
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    (length,) = struct.unpack("<H", data[8:10])
    assert (10 + length) % 64 == 0 and data[9 + length : 10 + length] == b"\n"
    header = ast.literal_eval(data[10 : 10 + length].decode("latin1"))
    assert set(header) == {"descr", "fortran_order", "shape"} and not header["fortran_order"]
    kind, shape, body = header["descr"], header["shape"], data[10 + length :]
    count = 1
    for extent in shape:
        count *= extent
    if isinstance(kind, list):
        values = list(struct.iter_unpack("<" + "".join(LETTERS[letter] for _, letter in kind), body))
    elif kind.startswith("|S"):
        assert len(body) == int(kind[2:])
        values = [body]
    else:
        values = list(struct.unpack(f"<{count}{LETTERS[kind]}", body))
    assert len(values) == count
    return kind, shape, values


def main():
    path = sys.argv[1]
    arrays = {}
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None  # every CRC
        for name in file.namelist():
            assert name.endswith(".npy"), name
            assert name[:-4] not in arrays, name
            arrays[name[:-4]] = read(file.read(name))
    try:
        import numpy
    except ImportError:
        numpy = None
    if numpy is not None:
        with numpy.load(path, allow_pickle=False) as loaded:
            assert set(loaded.files) == set(arrays)
            for name, (kind, shape, values) in list(arrays.items())[-100:]:  # it looks each name up in a list
                other = loaded[name]
                assert other.shape == shape and other.dtype == numpy.dtype(kind), name
                assert str(other.ravel().tolist()) == str(numpy.array(values, dtype=kind).tolist()), name
    if len(sys.argv) > 2:  # how many, alone
        print(len(arrays))
        return
    for name, (kind, shape, values) in arrays.items():
        print(name, kind, shape, values)


main()
