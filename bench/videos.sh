#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the videos of bench/video: two seconds of a camera that pans over a photo, with noise, in each codec:
# bench/videos.sh FOLDER
set -euo pipefail
photo=$(dirname "$0")/../examples/data/coffee.jpg
encode() {
  ffmpeg -nostdin -v error -y -loop 1 -framerate 30 -i "$photo" -frames:v 60 \
    -vf "scale=2400:-2,crop=1920:1080:480*t/2:400*t/2,noise=alls=4:allf=t,scale=$2,format=yuv420p" "${@:3}" "$1"
}
mkdir -p "$1"
encode "$1/1080p_h264.mp4" 1920:1080 -c:v libx264 -preset veryfast -b:v 8M
encode "$1/1080p_vp8.webm" 1920:1080 -c:v libvpx -deadline realtime -cpu-used 8 -b:v 8M
encode "$1/1080p_vp9.webm" 1920:1080 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -b:v 8M
encode "$1/480p_h264.mp4" 640:480 -c:v libx264 -preset veryfast -tune zerolatency -b:v 2M
