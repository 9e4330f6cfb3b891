/** Takes out of pictures and films what they tell besides what is seen: where and when they were made, and by whom. Pure. */
import { isIsoMedia, withoutIsoMetadata } from './iso-metadata.ts'
import { withoutPictureMetadata } from './picture-metadata.ts'
import { isWebm, withoutWebmMetadata } from './webm-metadata.ts'

/** The very same bytes where there is nothing to take out; null where that cannot be told. */
export function withoutMetadata(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  if (isIsoMedia(bytes)) return withoutIsoMetadata(bytes)
  return isWebm(bytes) ? withoutWebmMetadata(bytes) : withoutPictureMetadata(bytes)
}
