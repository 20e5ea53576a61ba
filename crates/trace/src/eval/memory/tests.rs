use super::*;

const FIRST: Value = Value::Other(Memory::STRIDE);
const SECOND: Value = Value::Other(2 * Memory::STRIDE);

const NUMBER: Mem = Mem {
    offset: 8,
    width: Width::U8,
    region: Region::Attrs,
};

fn number(value: i64) -> Datum {
    Datum::Scalar(Scalar::I64(value))
}

/// Two objects, the class of one of which has another version, with a number each.
fn memory() -> Memory {
    let mut memory = Memory::default();
    for (object, version) in [(FIRST, 1), (SECOND, 2)] {
        let Value::Other(address) = object else {
            unreachable!("objects have addresses")
        };
        memory.objects.insert(
            address,
            Object {
                kind: None,
                version,
            },
        );
        let word = Word {
            region: NUMBER.region,
            width: NUMBER.width,
            datum: number(version),
            version: Some(1),
        };
        memory.words.insert(address + 8, word);
    }
    memory
}

#[test]
fn what_is_stored_is_as_wide_as_its_place() {
    let mut memory = memory();
    memory.store(FIRST, 0, NUMBER, number(0x1234)).unwrap();
    assert_eq!(memory.load(FIRST, 0, NUMBER), Ok(number(0x34)));
}

#[test]
fn what_is_not_there_is_not_read() {
    let memory = memory();
    let elsewhere = Mem {
        region: Region::Dicts,
        ..NUMBER
    };
    assert!(memory.load(SECOND, 0, NUMBER).is_err());
    assert!(memory.load(FIRST, 1, NUMBER).is_err());
    assert!(memory.load(FIRST, 0, elsewhere).is_err());
    assert!(memory.load(Value::None, 0, NUMBER).is_err());
}

#[test]
fn calls_write_what_their_rows_say() {
    let mut memory = memory();
    memory.call(Helper::DictSet, &[]);
    assert_eq!(memory.load(FIRST, 0, NUMBER), Ok(number(1)));
    memory.call(Helper::WriteAttr, &[]);
    assert_eq!(memory.load(FIRST, 0, NUMBER), Ok(number(2)));
    memory.call(Helper::GetAttr, &[]);
    assert_eq!(memory.version(FIRST), Some(2));
    assert_eq!(memory.load(SECOND, 0, NUMBER), Ok(number(2)));
    assert_eq!(memory.calls, 3);
}

#[test]
fn tuples_are_told_by_what_leads_to_them() {
    let made = |order: [u64; 2]| {
        let mut memory = memory();
        let [one, other] = order.map(|size| memory.new_tuple(size));
        let _forgotten = memory.new_tuple(7);
        let (pair, single) = if order[0] == 2 {
            (one, other)
        } else {
            (other, one)
        };
        for index in 0..2 {
            let item = Datum::Object(single);
            memory.store(pair, index, Memory::TUPLE_ITEM, item).unwrap();
        }
        let item = Datum::Object(Value::Int(5));
        memory.store(single, 0, Memory::TUPLE_ITEM, item).unwrap();
        let mut roots = [Value::None, pair];
        memory.sort_tuples(&mut roots);
        (memory, roots)
    };
    assert_eq!(made([2, 1]), made([1, 2]));
    assert_eq!(made([2, 1]).0.objects.len(), 4);
}
