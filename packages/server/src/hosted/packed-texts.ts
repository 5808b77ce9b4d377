// Many small texts in few large buffers: one by one they would leave memory in pieces that nothing else fits into.

/** Bytes of a buffer: as many as there are texts already, within these. */
const bounds = { least: 4 * 1024, most: 256 * 1024 }

export interface PackedTexts {
  /** The text in UTF-8. Its memory is free when all of its neighbours are let go. */
  add(text: string): Buffer
}

/** Begins with nothing. */
export function packedTexts(): PackedTexts {
  let room = Buffer.alloc(0)
  let used = 0
  let all = 0
  return {
    add: (text) => {
      const size = Buffer.byteLength(text)
      if (room.length - used < size) {
        const bytes = Math.max(size, Math.min(bounds.most, Math.max(bounds.least, all)))
        // What may be resized lies in pages of its own, which go back to the system at once; a heap would be left with holes.
        room = Buffer.from(new ArrayBuffer(bytes, { maxByteLength: bytes }))
        used = 0
      }
      room.write(text, used)
      all += size
      used += size
      return room.subarray(used - size, used)
    },
  }
}
