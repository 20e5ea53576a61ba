# Loops inside loops over ranges, whose positions traces carry, put back before calls, and take up again.
# contract: 1

class F:
    def __init__(self, d): self.d=d; self.p=0
    def read(self, n):
        s=self.d[self.p:self.p+n]; self.p+=n
        return s
class Base:
    def __init__(self, f):
        self.f = f; self.bits = 0; self.bitfield = 0; self.count = 0
    def _read(self, n):
        s = self.f.read(n)
        if not s: raise Exception("eof")
        self.count += len(s)
        return s
    def needbits(self, n):
        while self.bits < n: self._more()
    def _mask(self, n): return (1 << n) - 1
class RB(Base):
    def _more(self):
        c = self._read(1)
        self.bitfield <<= 8
        self.bitfield += ord(c)
        self.bits += 8
    def readbits(self, n=8):
        if n > self.bits: self.needbits(n)
        r = (self.bitfield >> (self.bits - n)) & self._mask(n)
        self.bits -= n
        self.bitfield &= ~(self._mask(n) << self.bits)
        return r
def tables(b, groups, symbols):
    out = []
    for j in range(groups):
        length = b.readbits(5)
        lengths = []
        for i in range(symbols):
            while b.readbits(1):
                length -= (b.readbits(1) * 2) - 1
            lengths += [length]
        out += [lengths]
    return out
def sel(b, n):
    c = 0
    for i in range(n):
        while b.readbits(1): c += 1
    return c
data = bytes((i * 7919 >> 3) & 255 ^ (i*i>>5)&255 for i in range(3000))
for rep in range(2):
    b = RB(F(data))
    h = []
    x = sel(b, 30)
    try:
        while True:
            h.append(tables(b, 4, 50))
    except Exception as e:
        x = (x, str(e))
    print(rep, x, h, b.bits, b.bitfield, b.count)
