/** What the scan screen says, and what it offers instead of a camera (`picture`: a picture or a code; else to try again). */

export const HINT = 'Point at the code on the other screen'
export const SLOW = 'Move closer or further away, or make the code larger on the screen.'
export const FOREIGN = 'That isn’t a Tandem code'

export const PROBLEMS = {
  denied: {
    title: 'Camera is switched off for this site',
    body: 'Allow it in your browser’s settings, or use a picture or a code.',
    picture: true,
  },
  none: { title: 'No camera found', body: 'Use a picture or a code instead.', picture: true },
  busy: { title: 'Another app is using the camera', body: 'Close it and try again.', picture: false },
  insecure: {
    title: 'This page needs https',
    body: 'The camera works only at an address that begins with https://. Use a picture or a code instead.',
    picture: true,
  },
  decoder: { title: 'The scanner could not be loaded', body: 'Check your connection.', picture: false },
} as const
