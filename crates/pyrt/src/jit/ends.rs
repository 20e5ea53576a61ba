//! How objects of CPython's own types end: what a look at them has to look at.

use std::sync::OnceLock;

use pyrt_cpython::api;
use pyrt_cpython::object::PyTypeObject;

/// What dies with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Nothing else.
    Alone,
    /// The items of a tuple.
    Tuple,
    /// The items of a list.
    List,
    /// What the iterator of a list or tuple goes over.
    SequenceIter,
    /// The content of a cell.
    Cell,
    /// The parts of a bound method.
    Method,
    /// Those of a function.
    Function,
    /// The values of a dict.
    Dict,
    /// The frame of a generator or coroutine.
    Frame,
    /// What is viewed or iterated over: a dict or set.
    View,
    /// The members of a set.
    Set,
    /// What a traversal finds.
    Passive,
}

/// Types by their addresses.
struct Ends {
    /// Each where its address says, or in the next free place.
    places: [(usize, End); Ends::PLACES],
}

impl Ends {
    const BITS: u32 = 7;
    const PLACES: usize = 1 << Ends::BITS;

    fn new() -> Ends {
        use End::*;
        let types: [(*const PyTypeObject, End); 38] = [
            (&raw const api::PyLong_Type, Alone),
            (&raw const api::PyFloat_Type, Alone),
            (&raw const api::PyUnicode_Type, Alone),
            (&raw const api::PyBytes_Type, Alone),
            (&raw const api::PyRangeIter_Type, Alone),
            (&raw const api::PyTuple_Type, Tuple),
            (&raw const api::PyList_Type, List),
            (&raw const api::PyListIter_Type, SequenceIter),
            (&raw const api::PyTupleIter_Type, SequenceIter),
            (&raw const api::PyCell_Type, Cell),
            (&raw const api::PyMethod_Type, Method),
            (&raw const api::PyFunction_Type, Function),
            (&raw const api::PyDict_Type, Dict),
            (&raw const api::PyGen_Type, Frame),
            (&raw const api::PyCoro_Type, Frame),
            (&raw const api::PyDictIterKey_Type, View),
            (&raw const api::PyDictIterValue_Type, View),
            (&raw const api::PyDictIterItem_Type, View),
            (&raw const api::PyDictKeys_Type, View),
            (&raw const api::PyDictValues_Type, View),
            (&raw const api::PyDictItems_Type, View),
            (&raw const api::PySetIter_Type, View),
            (&raw const api::PySet_Type, Set),
            (&raw const api::PyFrozenSet_Type, Set),
            (&raw const api::PySlice_Type, Passive),
            (&raw const api::PyListRevIter_Type, Passive),
            (&raw const api::PyEnum_Type, Passive),
            (&raw const api::PyReversed_Type, Passive),
            (&raw const api::PyZip_Type, Passive),
            (&raw const api::PyMap_Type, Passive),
            (&raw const api::PyFilter_Type, Passive),
            (&raw const api::PySeqIter_Type, Passive),
            (&raw const api::PyUnicodeIter_Type, Passive),
            (&raw const api::_PyUnicodeASCIIIter_Type, Passive),
            (&raw const api::PySuper_Type, Passive),
            (&raw const api::PyRange_Type, Passive),
            (&raw const api::PyCFunction_Type, Passive),
            (&raw const api::_PyMethodWrapper_Type, Passive),
        ];
        let mut ends = Ends {
            places: [(0, Passive); Ends::PLACES],
        };
        for (ty, end) in types {
            let place = ends.place(ty);
            ends.places[place] = (ty.addr(), end);
        }
        ends
    }

    /// Where a type is, or is to be.
    fn place(&self, ty: *const PyTypeObject) -> usize {
        // Fibonacci hashing.
        let hash = (ty.addr() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut place = (hash >> (u64::BITS - Ends::BITS)) as usize;
        while self.places[place].0 != 0 && self.places[place].0 != ty.addr() {
            place = (place + 1) % Ends::PLACES;
        }
        place
    }
}

/// How objects of exactly this type end, if that is known.
pub(super) fn end_of(ty: *const PyTypeObject) -> Option<End> {
    static ENDS: OnceLock<Ends> = OnceLock::new();
    let ends = ENDS.get_or_init(Ends::new);
    let (known, end) = ends.places[ends.place(ty)];
    (known != 0).then_some(end)
}
