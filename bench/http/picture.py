"""Writes a JPEG of 640 x 480 that is about as hard to decode as a photograph. usage: picture.py FILE"""
import sys

from PIL import Image, ImageFilter

channels = [Image.effect_noise((640, 480), spread).filter(ImageFilter.GaussianBlur(2)) for spread in (90, 120, 150)]
Image.merge("RGB", channels).save(sys.argv[1], quality=90)
