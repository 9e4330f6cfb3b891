/**
 * What was shown of a picture on its way out, shown on until the picture of the sent message is there: without it the
 * message would be empty for a moment.
 */

/** After the message was sent. */
const KEPT_MS = 30_000

/** Addresses of the page's own, by the message's id. */
const previews = new Map<string, string>()

export function keepPreview(message: string, url: string): void {
  previews.set(message, url)
}

export function previewOf(message: string): string | undefined {
  return previews.get(message)
}

/** @returns whether there was one */
export function forgetPreview(message: string): boolean {
  return previews.delete(message)
}

/** Takes the address back, in a while. */
export function releasePreview(url: string): void {
  setTimeout(() => {
    for (const [message, kept] of previews) if (kept === url) previews.delete(message)
    URL.revokeObjectURL(url)
  }, KEPT_MS)
}
