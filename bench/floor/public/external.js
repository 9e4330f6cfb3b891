const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/v1/socket?key=0`, 'tandem.v1')
socket.onmessage = ({ data }) => {
  const frame = JSON.parse(data)
  if (frame.type === 'qr') document.querySelector('#code').src = frame.image
}
