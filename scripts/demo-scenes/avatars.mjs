// The drawn avatars: a plant, a cat at a window, a mug. Plain SVG with soft gradients, 256 units square, composed so
// that a circle cut out of the middle keeps what matters.

/** Each drawing by its file name. */
export const AVATAR_DRAWINGS = [
  { file: 'avatar-plant', svg: drawing(plant()) },
  { file: 'avatar-cat', svg: drawing(cat()) },
  { file: 'avatar-mug', svg: drawing(mug()) },
]

function drawing(content) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256">${content}</svg>`
}

/** A gradient: stops of [offset, colour], top to bottom unless `places` says otherwise. */
function linear(id, stops, places = 'x1="0" y1="0" x2="0" y2="1"') {
  return `<linearGradient id="${id}" ${places}>${stopsOf(stops)}</linearGradient>`
}

function radial(id, stops, places) {
  return `<radialGradient id="${id}" ${places}>${stopsOf(stops)}</radialGradient>`
}

function stopsOf(stops) {
  return stops
    .map(
      ([offset, colour, opacity = 1]) => `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity}"/>`,
    )
    .join('')
}

/** One leaf with its half in light and its veins. */
function leaf([x, y, turn, size, depth]) {
  return `<g transform="translate(${x} ${y}) rotate(${turn}) scale(${size})">
<path d="M0 0C-34-22-40-70 0-112C40-70 34-22 0 0Z" fill="url(#${depth})"/>
<path d="M0 0C34-22 40-70 0-112C6-70 4-30 0 0Z" fill="#ffffff" opacity=".09"/>
<path d="M0 4C2-30 2-70 0-108M0-24C-10-32-18-38-24-48M0-24C10-32 18-38 24-48M0-48C-9-55-17-62-22-72M0-48C9-55 17-62 22-72M0-72C-6-78-11-83-14-90M0-72C6-78 11-83 14-90"
 fill="none" stroke="#dff0d8" stroke-width="1.6" stroke-linecap="round" opacity=".38"/></g>`
}

function plant() {
  // Each leaf: where it springs from the stem, its turn, and its size; those behind come first and are darker.
  const leaves = [
    [128, 168, -68, 0.86, 'back'],
    [128, 168, 66, 0.9, 'back'],
    [128, 150, -24, 1.12, 'back'],
    [128, 160, 30, 1.06, 'front'],
    [128, 172, -50, 0.98, 'front'],
    [128, 172, 54, 0.8, 'front'],
    [128, 164, 2, 1.2, 'front'],
  ]
  return `<defs>${linear('wall', [
    [0, '#f3dcc7'],
    [1, '#e2b99b'],
  ])}${linear('back', [
    [0, '#2f6b57'],
    [1, '#173f38'],
  ])}${linear('front', [
    [0, '#5ea676'],
    [1, '#1f5f4c'],
  ])}${linear(
    'pot',
    [
      [0, '#f7f1ea'],
      [0.55, '#e6d9cc'],
      [1, '#b99f8c'],
    ],
    'x1="0" y1="0" x2="1" y2="0.15"',
  )}${radial(
    'sun',
    [
      [0, '#fff6e6', 0.95],
      [1, '#fff6e6', 0],
    ],
    'cx=".26" cy=".18" r=".8"',
  )}<filter id="soft" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="7"/></filter></defs>
<rect width="256" height="256" fill="url(#wall)"/><rect width="256" height="256" fill="url(#sun)"/>
<rect y="218" width="256" height="38" fill="#b98763"/><rect y="218" width="256" height="3" fill="#d9aa85"/>
<ellipse cx="158" cy="224" rx="66" ry="9" fill="#5b3a26" opacity=".5" filter="url(#soft)"/>
<g opacity=".16" filter="url(#soft)" transform="translate(34 10)">${leaves.map(leaf).join('')}</g>
${leaves.map(leaf).join('')}
<path d="M88 160H168L159 216Q158 226 148 226H108Q98 226 97 216Z" fill="url(#pot)"/>
<path d="M84 152H172Q175 152 175 155V166Q175 169 172 169H84Q81 169 81 166V155Q81 152 84 152Z" fill="url(#pot)"/>
<path d="M88 169H168L167 175H89Z" fill="#8f7461" opacity=".35"/>`
}

function cat() {
  const sill = 212
  return `<defs>${linear('dusk', [
    [0, '#27356b'],
    [0.5, '#7a5a94'],
    [0.8, '#e58f7c'],
    [1, '#f8c98f'],
  ])}${radial(
    'moon',
    [
      [0, '#fff7df'],
      [0.8, '#ffeec0'],
      [1, '#ffe3a3'],
    ],
    'cx=".4" cy=".4" r=".7"',
  )}${radial(
    'halo',
    [
      [0, '#ffeec0', 0.55],
      [1, '#ffeec0', 0],
    ],
    'cx=".5" cy=".5" r=".5"',
  )}${linear(
    'fur',
    [
      [0, '#17142b'],
      [0.75, '#211a36'],
      [1, '#4a3350'],
    ],
    'x1="0" y1="0" x2="1" y2=".25"',
  )}</defs>
<rect width="256" height="256" fill="url(#dusk)"/>
<circle cx="176" cy="84" r="80" fill="url(#halo)"/><circle cx="176" cy="84" r="37" fill="url(#moon)"/>
<g fill="#fff" opacity=".85"><circle cx="52" cy="46" r="1.6"/><circle cx="92" cy="28" r="1.1"/><circle cx="118" cy="66" r="1.3"/>
<circle cx="34" cy="92" r="1.1"/><circle cx="226" cy="36" r="1.3"/><circle cx="72" cy="74" r=".9"/><circle cx="146" cy="24" r="1"/></g>
<path d="M0 190C40 172 66 180 98 170C140 156 170 178 206 166C228 160 244 164 256 160V256H0Z" fill="#5d3f6e" opacity=".75"/>
<path d="M0 202C50 190 90 198 130 190C180 180 214 194 256 184V256H0Z" fill="#3b2a52"/>
<rect y="${sill}" width="256" height="44" fill="#1b1730"/><rect y="${sill}" width="256" height="3" fill="#7d5a78"/>
<path d="M150 206C190 214 214 200 214 178C214 164 203 158 196 164C190 170 196 178 202 175C206 190 184 198 152 190Z" fill="url(#fur)"/>
<path d="M72 ${sill}C66 176 74 148 90 130C84 118 82 100 86 88L84 64Q84 60 88 62L104 74C111 71 121 71 128 74L144 62Q148 60 148 64L146 88C150 100 148 118 141 129C160 148 170 180 164 ${sill}Z" fill="url(#fur)"/>
<path d="M146 88C150 100 148 118 141 129C160 148 170 180 164 ${sill}" fill="none" stroke="#f0b78f" stroke-width="2" opacity=".65"/>
<path d="M128 74L144 62Q148 60 148 64L146 88" fill="none" stroke="#f0b78f" stroke-width="1.6" opacity=".55" stroke-linejoin="round"/>
<path d="M100 ${sill}C98 192 102 178 108 168M136 ${sill}C138 192 134 178 128 168" fill="none" stroke="#3a2c4c" stroke-width="2.4" stroke-linecap="round"/>
<g fill="#f6cf6b"><ellipse cx="103" cy="97" rx="6" ry="6.6"/><ellipse cx="130" cy="97" rx="6" ry="6.6"/></g>
<g fill="#120e20"><ellipse cx="103.6" cy="97" rx="2.1" ry="5.6"/><ellipse cx="130.6" cy="97" rx="2.1" ry="5.6"/></g>
<g fill="#fff"><circle cx="105.4" cy="94.4" r="1.4"/><circle cx="132.4" cy="94.4" r="1.4"/></g>
<path d="M113.4 109H119.6L116.5 113Z" fill="#c98a8f"/>
<g stroke="#d8c7d8" stroke-width="1" opacity=".5" stroke-linecap="round"><path d="M92 111L70 107M92 115L71 118M141 111L163 107M141 115L162 118"/></g>`
}

function mug() {
  return `<defs>${linear('room', [
    [0, '#274b55'],
    [1, '#12303a'],
  ])}${radial(
    'lamp',
    [
      [0, '#f6c987', 0.75],
      [1, '#f6c987', 0],
    ],
    'cx=".2" cy=".12" r=".75"',
  )}${linear(
    'clay',
    [
      [0, '#f9d9ae'],
      [0.28, '#ee9f62'],
      [0.7, '#c9653c'],
      [1, '#7d3726'],
    ],
    'x1="0" y1="0" x2="1" y2="0"',
  )}${linear(
    'inside',
    [
      [0, '#8a4630'],
      [1, '#f2c49a'],
    ],
    'x1="0" y1="0" x2="1" y2="0"',
  )}${radial(
    'coffee',
    [
      [0, '#a86a3c'],
      [0.7, '#5a2f18'],
      [1, '#3a1c0e'],
    ],
    'cx=".4" cy=".4" r=".7"',
  )}${linear('wood', [
    [0, '#a06a43'],
    [1, '#5c3621'],
  ])}<filter id="soft" x="-60%" y="-60%" width="220%" height="220%"><feGaussianBlur stdDeviation="6"/></filter>
<filter id="steam" x="-80%" y="-30%" width="260%" height="160%"><feGaussianBlur stdDeviation="4.5"/></filter></defs>
<rect width="256" height="256" fill="url(#room)"/>
<g opacity=".5" filter="url(#soft)"><circle cx="210" cy="58" r="20" fill="#f1b765"/><circle cx="176" cy="34" r="12" fill="#e8894f"/><circle cx="238" cy="104" r="13" fill="#f3d08c"/><circle cx="34" cy="110" r="12" fill="#7fb6b4"/></g>
<rect width="256" height="256" fill="url(#lamp)"/>
<rect y="186" width="256" height="70" fill="url(#wood)"/>
<g stroke="#3f2415" stroke-width="1.2" opacity=".35" fill="none"><path d="M0 204C60 200 120 208 256 201M0 222C90 228 160 216 256 224M0 242C70 236 170 246 256 239"/></g>
<ellipse cx="148" cy="218" rx="84" ry="13" fill="#1d0e07" opacity=".65" filter="url(#soft)"/>
<path d="M168 128C210 118 222 142 214 166C207 188 186 196 162 192" fill="none" stroke="#8f432c" stroke-width="15" stroke-linecap="round"/>
<path d="M168 126C208 117 219 142 211 164C205 184 186 192 164 189" fill="none" stroke="#c46a42" stroke-width="6" stroke-linecap="round"/>
<path d="M56 108C56 150 60 186 72 208Q77 217 88 218C108 221 132 221 152 218Q163 217 168 208C180 186 184 150 184 108Z" fill="url(#clay)"/>
<path d="M57.500 136C62 141 178 141 182.500 136L181 154C176 159 64 159 59 154Z" fill="#fff1dc" opacity=".55"/>
<ellipse cx="120" cy="108" rx="64" ry="19" fill="url(#inside)"/>
<ellipse cx="120" cy="112" rx="56" ry="14" fill="url(#coffee)"/>
<path d="M84 110C96 102 112 101 126 104" fill="none" stroke="#e8b98a" stroke-width="2.500" stroke-linecap="round" opacity=".7"/>
<ellipse cx="120" cy="108" rx="64" ry="19" fill="none" stroke="#ffe3bd" stroke-width="2" opacity=".8"/>
<path d="M72 132C72 160 76 184 84 200" fill="none" stroke="#fff4e2" stroke-width="7" stroke-linecap="round" opacity=".5" filter="url(#steam)"/>
<g fill="none" stroke="#fff" stroke-linecap="round" filter="url(#steam)"><path d="M102 100C90 82 116 70 104 48C98 38 104 28 108 20" stroke-width="10" opacity=".42"/><path d="M138 98C150 80 126 68 140 46C146 36 142 26 138 16" stroke-width="9" opacity=".34"/></g>`
}
