# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The table of odd layers: small networks that between them reach every corner of the arithmetic.

Layers are written as dictionaries by the functions below; networks.py makes modules of them.
"""
RANDOM = "random"  # a weight zero point of its own for each output channel


def conv(channels, kernel, **options):
    """Quantized convolution. kernel, stride, pad, dilation: one number or (height, width).

    Options: stride, pad, dilation, groups; bias, relu (bool); per_channel (bool); wzp (weight zero
    point: number or RANDOM); zp (output zero point); scale, wscale (default: chosen so that the
    outputs fill 0..255); low, high (range of the weight codes); gain (outputs larger by this);
    centre (bool: the bias moves the mean of the outputs to the zero point).
    """
    return {"kind": "conv", "channels": channels, "kernel": kernel, **options}


def fc(channels, **options):
    """Quantized linear layer; options as for conv()."""
    return {"kind": "fc", "channels": channels, **options}


def pool(kernel, stride=None, pad=0, dilation=1, ceil=False):
    return {"kind": "pool", "arguments": (kernel, stride, pad, dilation, False, ceil)}


def zeropad(left, right, top, bottom):
    return {"kind": "zeropad", "amounts": (left, right, top, bottom)}


RELU, RELU6, FLATTEN = {"kind": "relu"}, {"kind": "relu6"}, {"kind": "flatten"}


def case(name, shape, *layers, zp=0, scale=0.02, samples=3):
    """One network. shape: of one sample, (C, H, W) or (features,); zp, scale: of the input."""
    return {"name": name, "shape": shape, "layers": layers, "zp": zp, "scale": scale,
            "samples": samples}


KERNELS_AND_CHANNELS = [
    case("conv1x1_c1", (1, 5, 5), conv(1, 1, zp=200), zp=100),
    case("conv1x1_c3_to_17", (3, 6, 7), conv(17, 1, zp=128), zp=128),
    case("conv1x1_c64_to_130", (64, 4, 4), conv(130, 1, zp=99), zp=5),
    case("conv1x1_c130_to_33", (130, 3, 5), conv(33, 1, zp=120), zp=130),
    case("conv1x1_stride2", (17, 7, 8), conv(16, 1, stride=2, zp=60), zp=17),
    case("conv3x3_c1_to_1", (1, 6, 6), conv(1, 3, zp=100), zp=0),
    case("conv3x3_c3_to_17_stride2", (3, 11, 10), conv(17, 3, stride=2, pad=1, zp=101), zp=114),
    case("conv3x3_c17_to_33_stride3", (17, 12, 13), conv(33, 3, stride=3, pad=1, zp=90), zp=51),
    case("conv3x3_c33_to_64", (33, 5, 6), conv(64, 3, pad=1, zp=140), zp=200),
    case("conv3x3_c64_to_17", (64, 6, 5), conv(17, 3, zp=66), zp=10),
    case("conv3x3_c130_to_3", (130, 4, 4), conv(3, 3, pad=1, zp=127), zp=77),
    case("conv3x3_stride2x1", (5, 9, 9), conv(7, 3, stride=(2, 1), pad=(1, 0), zp=80), zp=31),
    case("conv3x3_wide", (3, 3, 130), conv(8, 3, pad=1, zp=111), zp=90, samples=2),
    case("conv3x3_tall", (2, 97, 3), conv(5, 3, stride=2, pad=1, zp=111), zp=90, samples=2),
    case("conv3x3_large", (64, 20, 20), conv(64, 3, pad=1, zp=125), zp=120, samples=2),
    case("conv5x5_c3", (3, 9, 9), conv(3, 5, pad=2, zp=130), zp=128),
    case("conv5x5_c17_stride2", (17, 11, 11), conv(6, 5, stride=2, pad=2, zp=70), zp=44),
    case("conv1x7_c3", (3, 5, 12), conv(9, (1, 7), pad=(0, 3), zp=88), zp=21),
    case("conv7x1_c17", (17, 12, 5), conv(33, (7, 1), pad=(3, 0), zp=150), zp=33),
    case("conv2x2_stride2", (4, 8, 8), conv(12, 2, stride=2, zp=128), zp=128),
    case("conv2x4_pad1x2", (3, 5, 6), conv(4, (2, 4), pad=(1, 2), zp=55), zp=9),
]

PADDING_AND_SIZE = [
    case("pad_bottom_right_stride2", (3, 10, 10),
         zeropad(0, 1, 0, 1), conv(8, 3, stride=2, zp=64), zp=113),
    case("pad_all_different", (5, 6, 7), zeropad(2, 0, 1, 3), conv(6, 3, zp=70), zp=255),
    case("pad_and_own_padding", (4, 6, 6), zeropad(0, 2, 1, 0), conv(5, 3, pad=1, zp=32), zp=7),
    case("out1x1_from_3x3", (17, 3, 3), conv(10, 3, zp=128), zp=12),
    case("out1x1_from_7x7", (3, 7, 7), conv(33, 7, zp=128), zp=0),
    case("out1x1_from_1x1_padded", (8, 1, 1), conv(8, 3, pad=1, zp=100), zp=64),
    case("dilation2", (6, 9, 9), conv(7, 3, dilation=2, pad=2, zp=90), zp=18),
    case("dilation1x3_stride2", (3, 9, 14),
         conv(5, 3, dilation=(1, 3), stride=2, pad=(1, 3), zp=80), zp=80),
]

GROUPS = [
    case("groups2", (8, 6, 6), conv(12, 3, groups=2, pad=1, zp=120), zp=19),
    case("groups3_odd", (9, 5, 7), conv(15, 3, groups=3, pad=1, zp=120), zp=140),
    case("groups5_odd_1x1", (35, 4, 4), conv(15, 1, groups=5, zp=100), zp=66),
    case("groups2_stride2_pertensor", (34, 7, 7),
         conv(6, 3, groups=2, stride=2, pad=1, per_channel=False, wzp=-9, zp=61), zp=128),
    case("depthwise3x3_c17", (17, 7, 7), conv(17, 3, groups=17, pad=1, zp=110), zp=42),
    case("depthwise3x3_c33_stride2", (33, 9, 8),
         conv(33, 3, groups=33, stride=2, pad=1, zp=90), zp=200),
    case("depthwise3x3_c130", (130, 4, 4), conv(130, 3, groups=130, pad=1, zp=90), zp=100),
    case("depthwise3x3_pertensor_wzp", (16, 6, 6),
         conv(16, 3, groups=16, pad=1, per_channel=False, wzp=21, zp=100), zp=90),
    case("depthwise3x3_perchannel_wzp", (16, 6, 6),
         conv(16, 3, groups=16, pad=1, wzp=RANDOM, zp=100), zp=90),
    case("depthwise5x5_c64", (64, 6, 6), conv(64, 5, groups=64, pad=2, zp=100), zp=8),
    case("depthwise5x5_c3_stride2", (3, 9, 9),
         conv(3, 5, groups=3, stride=2, pad=2, zp=130), zp=130),
    case("depthwise7x7_c5", (5, 9, 9), conv(5, 7, groups=5, pad=3, zp=100), zp=25),
    case("depthwise1x7_c6", (6, 3, 12), conv(6, (1, 7), groups=6, pad=(0, 3), zp=100), zp=25),
    case("depthwise_dilation2", (7, 9, 9), conv(7, 3, groups=7, dilation=2, pad=2, zp=99), zp=180),
    case("depthwise_multiplier2", (8, 6, 6), conv(16, 3, groups=8, pad=1, zp=127), zp=60),
    case("depthwise_multiplier3_c5", (5, 7, 6),
         conv(15, 3, groups=5, pad=1, stride=2, zp=90), zp=3),
]

SCALES_AND_ZERO_POINTS = [
    case("pertensor", (6, 7, 7), conv(9, 3, per_channel=False, pad=1, zp=100), zp=50),
    case("pertensor_wzp13", (6, 7, 7), conv(9, 3, per_channel=False, wzp=13, pad=1, zp=100), zp=50),
    case("pertensor_wzp_min", (3, 5, 5),
         conv(4, 3, per_channel=False, wzp=-128, pad=1, zp=5), zp=9),
    case("pertensor_wzp_max", (3, 5, 5),
         conv(4, 3, per_channel=False, wzp=127, pad=1, zp=250), zp=9),
    case("perchannel_wzp", (7, 6, 6), conv(17, 3, wzp=RANDOM, pad=1, zp=90), zp=71),
    case("zp_in0_out0", (5, 6, 6), conv(8, 3, pad=1, zp=0), zp=0),
    case("zp_in255_out255", (5, 6, 6), conv(8, 3, pad=1, zp=255), zp=255),
    case("zp_in255_out0", (5, 6, 6), conv(8, 3, pad=1, zp=0), zp=255),
    case("zp_in128_out1", (5, 6, 6), conv(8, 3, pad=1, zp=1), zp=128),
    case("no_bias", (5, 6, 6), conv(8, 3, pad=1, zp=77, bias=False), zp=99),
    case("multiplier_above_1", (2, 6, 6),
         conv(4, 1, wscale=0.37, scale=0.0021, zp=128, low=-3, high=3), zp=128),
    case("multiplier_exactly_1", (2, 6, 6),
         conv(4, 1, wscale=1.0, scale=0.5, zp=128, low=-2, high=2), zp=128, scale=0.5),
    case("multiplier_tiny", (4, 6, 6),
         conv(4, 3, wscale=1e-06, scale=90.0, zp=63, bias=False), zp=3),
    case("saturating", (4, 6, 6), conv(6, 3, gain=20, zp=128, centre=True), zp=128),
]

ACTIVATIONS_AND_POOLS = [
    case("relu_fused_zp0", (4, 6, 6), conv(8, 3, relu=True, pad=1, zp=0), zp=21),
    case("relu_fused_zp77", (4, 6, 6), conv(8, 3, relu=True, pad=1, zp=77), zp=21),
    case("relu_fused_zp255", (4, 6, 6), conv(8, 3, relu=True, pad=1, zp=255), zp=21),
    case("relu_alone_zp100", (4, 6, 6), conv(8, 3, pad=1, zp=100), RELU, zp=21),
    case("relu6_zp0", (4, 6, 6), conv(8, 3, pad=1, zp=0, scale=0.031, gain=3), RELU6, zp=21),
    case("relu6_zp30", (4, 6, 6), conv(8, 3, pad=1, zp=30, scale=0.05), RELU6, zp=21),
    case("relu6_beyond_range", (4, 6, 6), conv(8, 3, pad=1, zp=128, scale=0.01), RELU6, zp=21),
    case("fc_relu_zp40", (33,), fc(17, relu=True, zp=40), zp=100),
    case("maxpool3x3_stride2_pad1", (17, 9, 8), pool(3, 2, 1), zp=40),
    case("maxpool2x3_stride3x1", (3, 8, 7), pool((2, 3), (3, 1)), zp=40),
    case("maxpool5x5_stride1_pad2", (6, 7, 7), pool(5, 1, 2), zp=40),
    case("maxpool_ceil", (5, 8, 8), pool(3, 2, 0, 1, True), zp=40),
    case("maxpool_dilation2", (4, 9, 9), pool(3, 2, 0, 2), zp=40),
    case("maxpool_global", (33, 5, 5), pool(5), zp=40),
]

# Multipliers that are powers of two: exact halves occur, and rounding is to the even neighbour.
TIES = [
    case("ties_half", (3, 6, 6),
         conv(5, 1, wscale=0.25, scale=0.25, zp=128, low=-1, high=1), zp=128, scale=0.5),
    case("ties_quarter_odd_zp", (3, 6, 6),
         conv(5, 1, wscale=0.125, scale=0.25, zp=127, low=-2, high=2), zp=129, scale=0.5),
    case("ties_conv3x3", (4, 7, 7),
         conv(6, 3, pad=1, wscale=0.5, scale=4.0, zp=131, low=-3, high=3), zp=90, scale=0.25),
    case("ties_fc", (16,),
         fc(33, wscale=0.25, scale=1.0, zp=100, low=-3, high=3), zp=7, scale=0.25, samples=8),
    case("ties_fc_pertensor_wzp", (16,),
         fc(33, wscale=0.25, scale=2.0, zp=101, low=-3, high=3, per_channel=False, wzp=1), zp=7,
         scale=0.25, samples=8),
]

LINEAR = [
    case("fc_1_to_1", (1,), fc(1, zp=10), zp=3, samples=8),
    case("fc_1_to_10", (1,), fc(10, zp=128), zp=100, samples=8),
    case("fc_300_to_7", (300,), fc(7, zp=128), zp=0),
    case("fc_300_to_130", (300,), fc(130, zp=90), zp=128),
    case("fc_17_to_33_pertensor", (17,), fc(33, per_channel=False, zp=255), zp=255, samples=8),
    case("fc_33_to_1_nobias", (33,), fc(1, bias=False, zp=128), zp=54, samples=8),
    case("fc_64_to_64_wzp", (64,), fc(64, per_channel=False, wzp=-37, zp=120, centre=True), zp=11),
    case("fc_50_to_21_perchannel_wzp", (50,), fc(21, wzp=RANDOM, zp=120), zp=200),
    case("fc_accumulator_above_2e24", (4096,),
         fc(5, low=100, high=127, wscale=0.01, scale=66.0), zp=0, samples=4),
]

NETWORKS = [
    case("net_vgg", (3, 12, 12),
         conv(8, 3, pad=1, relu=True), pool(2), conv(17, 3, pad=1, zp=120), pool(3, 2, 1), FLATTEN,
         fc(20, relu=True, zp=9), fc(5, zp=130), zp=128),
    case("net_mobile", (8, 9, 9),
         conv(24, 1, zp=5, scale=0.03), RELU6,
         conv(24, 3, groups=24, stride=2, pad=1, zp=11, scale=0.04), RELU6, conv(10, 1, zp=140),
         zp=133),
    case("net_mlp", (19,),
         fc(33, relu=True), fc(17, per_channel=False, zp=77), RELU, fc(6, wzp=RANDOM, zp=128),
         zp=30, samples=8),
    case("net_odd", (1, 17, 13),
         zeropad(1, 0, 2, 1), conv(5, (3, 5), stride=(3, 2), relu=True, zp=3),
         conv(10, 3, groups=5, dilation=2, pad=2, bias=False, zp=200), pool((1, 2)), FLATTEN,
         fc(11, per_channel=False, wzp=5, zp=99), zp=250),
]

CASES = (
    KERNELS_AND_CHANNELS + PADDING_AND_SIZE + GROUPS + SCALES_AND_ZERO_POINTS
    + ACTIVATIONS_AND_POOLS + TIES + LINEAR + NETWORKS
)
