/**
 * Takes out of an ISO base media file (ISO/IEC 14496-12: MP4 and MOV; by 23008-12 HEIC and AVIF) what it tells besides
 * what is seen and heard: where and when it was made, with what and by whom. Nothing moves: what goes is overwritten where
 * it stands, so that every offset stays true, and a box that nothing needs becomes `free`, which readers pass over. Pure.
 */
import { ascii, viewOf } from './picture-metadata.ts'

/** Where it begins, where what it holds begins, where it ends. */
interface Box {
  type: string
  start: number
  content: number
  end: number
}

type Range = readonly [from: number, to: number]

/** What is kept of each box that is looked into: all that showing and playing may need. */
const KEPT: Readonly<Record<string, string>> = {
  top: 'ftyp styp mdat imda moov moof mfra sidx ssix pdin prft pnot meta',
  moov: 'mvhd trak mvex iods pssh ctab clip prfl',
  trak: 'tkhd tref edts mdia load tapt clip matt txas imap trgr',
  mdia: 'mdhd hdlr elng minf',
  meta: 'hdlr pitm iloc iinf iref iprp idat dinf ipro grpl',
}
/** Boxes that hold nothing, which is not to say that nothing was written into them. */
const EMPTY = 'free skip wide'
/** They begin with the times at which they were made and changed. */
const TIMED = 'mvhd tkhd mdhd'
/** Exif as an item that tells nothing: no offset, a TIFF header, a directory without entries. */
const NO_EXIF = [0, 0, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8]
const XMP = 'application/rdf+xml'

/** By the first box: all that a file of this family begins with. */
export function isIsoMedia(bytes: Uint8Array): boolean {
  return `ftyp moov mdat pnot ${EMPTY}`.split(' ').includes(ascii(bytes, 4, 4))
}

/** The very same bytes where there is nothing to take out; null where that cannot be told. */
export function withoutIsoMetadata(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  try {
    return cleaned(bytes)
  } catch (error) {
    // A length or a place that leads astray, which is how reading beyond the end is told of, too.
    if (error instanceof RangeError) return null
    throw error
  }
}

function cleaned(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice()
  const view = viewOf(copy)
  const top = boxesIn(view, 0, copy.length, true)
  const data = top.filter(({ type }) => isOneOf('mdat imda', type)).map(({ content, end }): Range => [content, end])
  const pictures = top.filter(
    // Of another kind of `meta`, QuickTime's, the first bytes are a length.
    (box) => box.type === 'meta' && view.getUint32(box.content) === 0 && handlerOf(view, inMeta(view, box)) === 'pict',
  )
  const films = top.filter(({ type }) => type === 'moov')
  if (films.length + pictures.length === 0) throw new RangeError('neither a film nor a picture')
  let changed = false

  function blank([from, to]: Range, by: readonly number[] = []): void {
    for (let at = from; at < to; at++) {
      const value = by[at - from] ?? 0
      changed ||= copy[at] !== value
      copy[at] = value
    }
  }

  function free({ type, start, content, end }: Box): void {
    if (!isOneOf(EMPTY, type)) blank([start + 4, start + 8], codes('free'))
    blank([content, end])
  }

  /** @returns those that stay */
  function keep(boxes: readonly Box[], parent: string): readonly Box[] {
    const kept = boxes.filter(
      (box) => isOneOf(KEPT[parent]!, box.type) && (box.type !== 'meta' || pictures.includes(box)),
    )
    for (const box of boxes) if (!kept.includes(box)) free(box)
    for (const { type, content } of kept) {
      if (isOneOf(TIMED, type)) blank([content + 4, content + (copy[content] === 1 ? 20 : 12)])
    }
    return kept
  }

  function cleanTrack(track: Box): void {
    const boxes = boxesIn(view, track.content, track.end)
    const media = within(view, boxes, 'mdia')
    const samples = samplesOf(view, within(view, within(view, media, 'minf'), 'stbl'))
    if (!samples.every((range) => data.some((whole) => isWithin(range, whole)))) throw new RangeError('stray samples')
    if (handlerOf(view, media) !== 'meta') {
      keep(boxes, 'trak')
      keep(media, 'mdia')
      return
    }
    // Places and movements all along the film, as cameras of drones, helmets and telephones write them.
    if (top.some(({ type }) => type === 'moof')) throw new RangeError('more samples are told of elsewhere')
    for (const range of samples) blank(range)
    free(track)
  }

  for (const film of films) {
    const boxes = boxesIn(view, film.content, film.end)
    if (boxes.every(({ type }) => type !== 'mvhd')) throw new RangeError('packed, or not a film')
    for (const box of keep(boxes, 'moov')) if (box.type === 'trak') cleanTrack(box)
  }
  for (const picture of pictures) {
    for (const range of toldIn(view, keep(inMeta(view, picture), 'meta'), data)) {
      blank(range, range[1] - range[0] < NO_EXIF.length + 6 ? [] : NO_EXIF)
    }
  }
  keep(top, 'top')
  return changed ? copy : bytes
}

/** The boxes that stand one after the other and fill the whole. @param last whether the last may reach to the end */
function boxesIn(view: DataView, from: number, to: number, last = false): Box[] {
  const boxes: Box[] = []
  for (let start = from; start < to;) {
    const size = view.getUint32(start)
    const isLong = size === 1
    const end = isLong ? start + Number(view.getBigUint64(start + 8)) : size === 0 && last ? to : start + size
    const content = start + (isLong ? 16 : 8)
    if (end < content || end > to) throw new RangeError('a box of a wrong length')
    boxes.push({ type: fourOf(view, start + 4), start, content, end })
    start = end
  }
  return boxes
}

/** What the box `type` among `boxes` holds. */
function within(view: DataView, boxes: readonly Box[], type: string): Box[] {
  const { content, end } = the(boxes, type)
  return boxesIn(view, content, end)
}

function inMeta(view: DataView, { content, end }: Box): Box[] {
  return boxesIn(view, content + 4, end)
}

function the(boxes: readonly Box[], type: string): Box {
  const found = boxes.find((box) => box.type === type)
  if (found === undefined) throw new RangeError(`no ${type}`)
  return found
}

/** 14496-12 section 8.4.3: what kind of track, or of metadata. */
function handlerOf(view: DataView, boxes: readonly Box[]): string {
  return fourOf(view, the(boxes, 'hdlr').content + 8)
}

/** Where the samples of a track lie, chunk by chunk (14496-12 section 8.7). */
function samplesOf(view: DataView, table: readonly Box[]): Range[] {
  const sizes = the(table, 'stsz').content
  const runs = the(table, 'stsc').content
  const isLong = table.some(({ type }) => type === 'co64')
  const places = the(table, isLong ? 'co64' : 'stco').content
  const size = view.getUint32(sizes + 4)
  const count = view.getUint32(sizes + 8)
  const chunks = view.getUint32(places + 4)
  const ranges: Range[] = []
  let sample = 0
  let run = 0
  for (let chunk = 0; chunk < chunks; chunk++) {
    // The chunk at which a run begins is counted from one.
    while (run < view.getUint32(runs + 4) && view.getUint32(runs + 8 + run * 12) <= chunk + 1) run++
    const next = sample + (run === 0 ? 0 : Math.min(count - sample, view.getUint32(runs + 12 + (run - 1) * 12)))
    let length = (next - sample) * size
    if (size === 0) for (; sample < next; sample++) length += view.getUint32(sizes + 12 + sample * 4)
    sample = next
    const from = isLong ? Number(view.getBigUint64(places + 8 + chunk * 8)) : view.getUint32(places + 8 + chunk * 4)
    ranges.push([from, from + length])
  }
  if (sample < count) throw new RangeError('samples in no chunk')
  return ranges
}

/** Where Exif and XMP of a picture lie (14496-12 section 8.11). @param data where items may lie */
function toldIn(view: DataView, boxes: readonly Box[], data: readonly Range[]): Range[] {
  const told = idsOfTold(view, boxes)
  if (told.size === 0) return []
  const own = boxes.filter(({ type }) => type === 'idat').map(({ content, end }): Range => [content, end])
  const found: Range[] = []
  const others: Range[] = []
  const { content } = the(boxes, 'iloc')
  const version = view.getUint8(content)
  const sizes = view.getUint16(content + 4)
  let position = content + 6
  function next(size: number): number {
    position += size
    if (size === 8) return Number(view.getBigUint64(position - 8))
    return size === 4 ? view.getUint32(position - 4) : size === 2 ? view.getUint16(position - 2) : 0
  }
  for (let left = next(version < 2 ? 2 : 4); left > 0; left--) {
    const isTold = told.has(next(version < 2 ? 2 : 4))
    const method = version === 0 ? 0 : next(2) & 15
    const elsewhere = next(2) !== 0 || method > 1
    if (isTold && elsewhere) throw new RangeError('metadata out of reach')
    const base = next((sizes >> 4) & 15) + (method === 1 ? (own[0]?.[0] ?? NaN) : 0)
    for (let extents = next(2); extents > 0; extents--) {
      if (version > 0) next(sizes & 15)
      const from = base + next(sizes >> 12)
      const range: Range = [from, from + next((sizes >> 8) & 15)]
      // A length that is not told is that of the whole file.
      if (!elsewhere && (range[1] === from || ![...data, ...own].some((whole) => isWithin(range, whole))))
        throw new RangeError('a stray item')
      ;(isTold ? found : others).push(range)
    }
  }
  const isShared = ([from, to]: Range): boolean => others.some(([start, end]) => from < end && start < to)
  if (found.some(isShared)) throw new RangeError('the picture itself is told of as metadata')
  return found
}

/** The items of a picture that are Exif or XMP. */
function idsOfTold(view: DataView, boxes: readonly Box[]): Set<number> {
  const list = boxes.find(({ type }) => type === 'iinf')
  if (list === undefined) return new Set()
  const entries = boxesIn(view, list.content + (view.getUint8(list.content) === 0 ? 6 : 8), list.end)
  return new Set(
    entries
      .map(({ content, end }) => {
        const isLong = view.getUint8(content) === 3
        const words = ascii(new Uint8Array(view.buffer), content, end - content)
        const isTold = words.startsWith('Exif', isLong ? 10 : 8) || words.includes(XMP)
        return isTold ? (isLong ? view.getUint32(content + 4) : view.getUint16(content + 4)) : -1
      })
      .filter((id) => id !== -1),
  )
}

function isWithin([from, to]: Range, [start, end]: Range): boolean {
  return from >= start && to <= end
}

function isOneOf(list: string, type: string): boolean {
  return list.split(' ').includes(type)
}

function fourOf(view: DataView, at: number): string {
  return ascii(new Uint8Array(view.buffer), at, 4)
}

function codes(type: string): number[] {
  return [...new TextEncoder().encode(type)]
}
