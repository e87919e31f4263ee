import type { WireRequest } from '@contact360/server';

/** A decoder whose result the encoder of the same request may ask for again without decoding twice. */
export function decodeOnce<T>(decode: (wire: WireRequest) => T): (wire: WireRequest) => T {
  const decoded = new WeakMap<WireRequest, { readonly value: T }>();
  return (wire) => {
    const known = decoded.get(wire) ?? { value: decode(wire) };
    decoded.set(wire, known);
    return known.value;
  };
}
