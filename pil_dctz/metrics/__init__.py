"""How near a picture is to another, and how many bits its samples carry: what `compare` prints."""

from pil_dctz.metrics.entropy import residual_entropy, sample_entropy
from pil_dctz.metrics.msssim import ms_ssim
from pil_dctz.metrics.psnr import psnr
from pil_dctz.metrics.ssimulacra2 import Reference, ssimulacra2

__all__ = ["Reference", "ms_ssim", "psnr", "residual_entropy", "sample_entropy", "ssimulacra2"]
