// A picture for who has no camera: no two are alike, so that nothing is taken for a copy.

/** A JPEG of 1200 × 900. */
export async function scene() {
  const canvas = new OffscreenCanvas(1200, 900);
  const paint = canvas.getContext('2d');
  const one = (least, most) => least + Math.random() * (most - least);
  const hue = one(0, 360);
  const sky = paint.createLinearGradient(0, 0, 0, 900);
  sky.addColorStop(0, `hsl(${one(190, 220)} 60% 78%)`);
  sky.addColorStop(0.5, `hsl(${one(30, 60)} 30% 88%)`);
  sky.addColorStop(0.5, `hsl(${hue} 8% 46%)`);
  sky.addColorStop(1, `hsl(${hue} 8% 30%)`);
  paint.fillStyle = sky;
  paint.fillRect(0, 0, 1200, 900);
  for (let at = 0; at < 9; at += 1) {
    paint.fillStyle = `hsl(${one(0, 360)} ${one(10, 35)}% ${one(40, 75)}%)`;
    const height = one(140, 380);
    paint.fillRect(at * 140 + one(-20, 20), 450 - height, one(90, 150), height);
  }
  for (let at = 0; at < 60; at += 1) {
    paint.fillStyle = `hsl(${one(0, 360)} ${one(20, 70)}% ${one(25, 70)}%)`;
    paint.beginPath();
    paint.ellipse(one(200, 1000), one(560, 860), one(10, 80), one(8, 50), one(0, 3), 0, 7);
    paint.fill();
  }
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.86 });
}
